#!/usr/bin/env bash
# kafkajs 2.2.4 (and whoever speaks DescribeGroups below version 6) against Apache Kafka 4.1.2: a group of the classic protocol, empty for
# the moment but with committed offsets, is turned into one of the new consumer protocol (KIP-848) by the first member that joins with
# `group.protocol=consumer`, as Kafka's own console consumer does when told so. From then on DescribeGroups answers `Dead` with no members for a group
# that is alive, has a member, and commits; a classic member that comes back joins the new group beside it.
#
# Seen: `before: Empty 0`, `with a member of the new protocol: Dead 0`, `by Kafka's own tool: Stable`.
# What it means: "Dead, no members" is no proof that a group is nobody's. Ask ListGroups or ConsumerGroupDescribe (API 69) for its type.
. "$(dirname "$0")/broker.sh"
start_broker
create_topic records
cd "$WORK"
npm install --silent --no-audit --no-fund --prefix "$WORK" kafkajs@2.2.4

cat >classic.cjs <<'JS'
const { Kafka, logLevel } = require('kafkajs')
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING })
;(async () => {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'records', messages: [{ value: 'one' }] })
  await producer.disconnect()
  const consumer = kafka.consumer({ groupId: 'shared' })
  let isRead = false
  await consumer.connect()
  await consumer.subscribe({ topic: 'records', fromBeginning: true })
  await consumer.run({ eachMessage: async () => void (isRead = true) })
  for (let left = 100; left > 0 && !isRead; left--) await new Promise((resolve) => setTimeout(resolve, 100))
  await consumer.disconnect()
})()
JS
cat >describe.cjs <<'JS'
const { Kafka, logLevel } = require('kafkajs')
const admin = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING }).admin()
;(async () => {
  await admin.connect()
  const { groups } = await admin.describeGroups(['shared'])
  console.log(groups[0].state, groups[0].members.length)
  await admin.disconnect()
})()
JS
timeout 60 node classic.cjs "$BOOTSTRAP"
expect 'before' "$(timeout 30 node describe.cjs "$BOOTSTRAP")" 'Empty 0'
"${JAVA[@]}" org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$BOOTSTRAP" --topic records --group shared \
  --consumer-property group.protocol=consumer >/dev/null 2>&1 &
READER=$!
state=
for _ in $(seq 20); do
  state=$(java_tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$BOOTSTRAP" --describe --state --group shared 2>/dev/null | awk '/^shared/ {print $(NF-1)}')
  [ "$state" = Stable ] && break
  sleep 1
done
said=$(timeout 30 node describe.cjs "$BOOTSTRAP")
kill "$READER"
wait "$READER" 2>/dev/null || true
expect 'with a member of the new protocol' "$said" 'Dead 0'
expect "by Kafka's own tool" "$state" 'Stable'
