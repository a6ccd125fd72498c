#!/usr/bin/env bash
# kafkajs 2.2.4 against Apache Kafka 4.1.2: `admin.fetchTopicOffsets()` gives as `high` (and `offset`) not the high watermark but the last stable
# offset, since its ListOffsets request always asks with isolation level read_committed. While a transaction is open, `high` stands still at its
# first record, however much is written behind it. A batch of the consumer carries the real high watermark under the name
# `highWatermark`, so the two do not agree.
#
# Seen with one record, an open transaction of one record, and one record behind it: `kafkajs: 1`, `Kafka's own tool: 3`.
# What it means: lag computed from `fetchTopicOffsets` is 0 behind a hanging transaction, when Kafka's tool shows all that waits.
. "$(dirname "$0")/broker.sh"
start_broker
create_topic records
cd "$WORK"
npm install --silent --no-audit --no-fund --prefix "$WORK" kafkajs@2.2.4

cat >high.cjs <<'JS'
const { Kafka, logLevel } = require('kafkajs')
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING })
;(async () => {
  const plain = kafka.producer()
  const transactional = kafka.producer({ transactionalId: 'hangs', idempotent: true, maxInFlightRequests: 1 })
  const admin = kafka.admin()
  await Promise.all([plain.connect(), transactional.connect(), admin.connect()])
  const send = (to) => to.send({ topic: 'records', messages: [{ value: 'x' }] })
  await send(plain)
  const open = await transactional.transaction()
  await send(open)
  await send(plain)
  const [{ high }] = await admin.fetchTopicOffsets('records')
  console.log(high)
  process.exit() // leaves the transaction open, as a producer that dies does
})()
JS
expect 'kafkajs' "$(timeout 60 node high.cjs "$BOOTSTRAP")" 1
end=$(java_tool org.apache.kafka.tools.GetOffsetShell --bootstrap-server "$BOOTSTRAP" --topic records 2>/dev/null | cut -d: -f3)
expect "Kafka's own tool" "$end" 3
