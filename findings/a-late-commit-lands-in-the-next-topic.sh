#!/usr/bin/env bash
# kafkajs 2.2.4 (OffsetCommit below version 10, which names topics and not their ids) against Apache Kafka 4.1.2: when a topic is deleted, Kafka deletes
# what its groups had committed. A consumer that was still working on a record commits afterwards. If the topic has been created
# again by then, under the same name, Kafka takes that commit for the new topic, empty as it is.
#
# Seen: `committed in a topic of 0 records: 10`, `of 15 records written afterwards, a restarted consumer reads: 5`. Nothing is logged, and no error is raised.
# What it means: a committed offset alone does not say which topic it belongs to. Write something about the record into the metadata of each commit, and
# compare it before the offset is used.
. "$(dirname "$0")/broker.sh"
start_broker
create_topic records
cd "$WORK"
npm install --silent --no-audit --no-fund --prefix "$WORK" kafkajs@2.2.4

cat >late.cjs <<'JS'
const { Kafka, logLevel } = require('kafkajs')
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING })
const topic = 'records'
const groupId = 'readers'
const admin = kafka.admin()
const producer = kafka.producer()
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const write = (count) => producer.send({ topic, messages: Array.from({ length: count }, (_, at) => ({ value: `${at}` })) })

async function createAgain() {
  await admin.deleteTopics({ topics: [topic] })
  for (let left = 50; left > 0; left--) {
    const isCreated = await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true }).catch(() => false)
    if (isCreated) return
    await pause(200)
  }
}

/** Reads until nothing has come for three seconds. */
async function read(onRecord) {
  const consumer = kafka.consumer({ groupId })
  let count = 0
  let lastAt = Date.now() + 5000
  let isBusy = false
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      isBusy = true
      count += 1
      await onRecord(message)
      lastAt = Date.now()
      isBusy = false
    },
  })
  for (let left = 300; left > 0 && (isBusy || Date.now() - lastAt < 3000); left--) await pause(100)
  await consumer.disconnect()
  return count
}

;(async () => {
  await Promise.all([admin.connect(), producer.connect()])
  await write(10)
  await read(async ({ offset }) => {
    if (offset === '9') await createAgain()
  })
  const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] })
  const [{ high }] = await admin.fetchTopicOffsets(topic)
  console.log(`committed in a topic of ${high} records: ${partitions[0].offset}`)
  await write(15)
  console.log(`of 15 records written afterwards, a restarted consumer reads: ${await read(async () => {})}`)
  await Promise.all([admin.disconnect(), producer.disconnect()])
})()
JS
seen=$(timeout 120 node late.cjs "$BOOTSTRAP")
expect 'late commit' "$(echo "$seen" | paste -sd ';')" 'committed in a topic of 0 records: 10;of 15 records written afterwards, a restarted consumer reads: 5'
