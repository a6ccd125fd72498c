#!/usr/bin/env bash
# kafkajs 2.2.4 against Apache Kafka 4.1.2: a consumer that reads committed records only (the default) is given records of aborted
# transactions in two cases; Kafka's own consumer, with isolation level read_committed, is given none.
#
# 1. Two transactions overlap and the one that began later is aborted first. The broker lists aborted transactions in the order in
#    which they ended, while kafkajs takes the list for sorted by first offset: it looks at its first entry only.
# 2. A record in an aborted transaction has the key 00 00 00 00, which is what Java's IntegerSerializer makes of 0. kafkajs takes that for
#    the marker that ends the transaction, although the batch is no control batch, and hands on what the producer wrote after it.
#
# Seen: `overlapping, kafkajs: a1 end`, `overlapping, Java: end`; `integer key, kafkajs: zero-key after end`, `integer key, Java: end`.
# What it means: filter aborted records by producer id, from a list sorted by first offset, and know markers by their batch.
. "$(dirname "$0")/broker.sh"
start_broker
create_topic overlapping
create_topic integer-key
create_topic aside
cd "$WORK"
npm install --silent --no-audit --no-fund --prefix "$WORK" kafkajs@2.2.4

cat >write.cjs <<'JS'
const { Kafka, logLevel } = require('kafkajs')
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING })
const open = async (transactionalId) => {
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  return producer
}
const send = (to, topic, value, key = null) => to.send({ topic, messages: [{ key, value }] })
;(async () => {
  const [one, two] = [await open('one'), await open('two')]
  const first = await one.transaction()
  const second = await two.transaction()
  await send(first, 'overlapping', 'a1')
  await send(second, 'overlapping', 'b1')
  await second.abort()
  // EndTxn is answered before the markers are written; a transaction after it can only begin behind them.
  const behind = await two.transaction()
  await send(behind, 'aside', 'x')
  await behind.abort()
  await first.abort()
  const third = await one.transaction()
  await send(third, 'integer-key', 'before')
  await send(third, 'integer-key', 'zero-key', Buffer.from([0, 0, 0, 0]))
  await send(third, 'integer-key', 'after')
  await third.abort()
  for (const topic of ['overlapping', 'integer-key']) await send(one, topic, 'end')
  await Promise.all([one.disconnect(), two.disconnect()])
})()
JS
cat >read.cjs <<'JS'
const { Kafka, logLevel } = require('kafkajs')
const [, , broker, topic] = process.argv
const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({ groupId: `reads-${topic}` })
const seen = []
;(async () => {
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => void seen.push(`${message.value}`) })
  for (let left = 100; left > 0 && !seen.includes('end'); left--) await new Promise((resolve) => setTimeout(resolve, 100))
  console.log(seen.join(' '))
  await consumer.disconnect()
})()
JS
timeout 60 node write.cjs "$BOOTSTRAP"
expect 'overlapping, kafkajs' "$(timeout 60 node read.cjs "$BOOTSTRAP" overlapping)" 'a1 end'
expect 'overlapping, Java' "$(read_with_java overlapping)" 'end'
expect 'integer key, kafkajs' "$(timeout 60 node read.cjs "$BOOTSTRAP" integer-key)" 'zero-key after end'
expect 'integer key, Java' "$(read_with_java integer-key)" 'end'
