#!/usr/bin/env bash
# kafkajs 2.2.4 against Apache Kafka 4.1.2: a consumer whose offset is out of range (here: set by an operator to one that retention has taken) does not
# just begin where `fromBeginning` says: it first commits that wish, -2 for the earliest offset, as the offset of its group. The broker takes
# it. Until records are handled, which in a quiet topic is never, the group has committed -2.
#
# Seen: `committed: 3, then -2`, `for the tool: -`, for a group that has read the topic to its end. Its lag is unknown to Kafka's own tool
# and to whatever is built on it.
# What it means: a committed offset may be negative, which is the same as none; and an alert on lag needs one on a lag that is missing.
. "$(dirname "$0")/broker.sh"
start_broker
create_topic records
cd "$WORK"
npm install --silent --no-audit --no-fund --prefix "$WORK" kafkajs@2.2.4

cat >reset.cjs <<'JS'
const { Kafka, logLevel } = require('kafkajs')
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING })
const topic = 'records'
const groupId = 'readers'
const admin = kafka.admin()
const producer = kafka.producer()
const committed = async () => (await admin.fetchOffsets({ groupId, topics: [topic] }))[0].partitions[0].offset
;(async () => {
  await Promise.all([admin.connect(), producer.connect()])
  await producer.send({ topic, messages: Array.from({ length: 10 }, (_, at) => ({ value: `${at}` })) })
  const first = kafka.consumer({ groupId })
  await first.connect()
  await first.subscribe({ topic, fromBeginning: true })
  await first.run({ autoCommitInterval: 100, eachMessage: async () => {} })
  for (let left = 100; left > 0 && (await committed()) !== '10'; left--) await new Promise((resolve) => setTimeout(resolve, 100))
  await first.disconnect()
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] })
  await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '3' }] })
  const before = await committed()
  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachMessage: async () => {} })
  for (let left = 100; left > 0 && (await committed()) === before; left--) await new Promise((resolve) => setTimeout(resolve, 100))
  await consumer.disconnect()
  console.log(`${before}, then ${await committed()}`)
  await Promise.all([admin.disconnect(), producer.disconnect()])
})()
JS
expect 'committed' "$(timeout 60 node reset.cjs "$BOOTSTRAP")" '3, then -2'
tool=$(java_tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$BOOTSTRAP" --describe --group readers 2>/dev/null | awk '/^readers/ {print $4}')
expect 'for the tool' "$tool" '-'
