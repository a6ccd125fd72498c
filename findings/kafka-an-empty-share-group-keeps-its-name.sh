#!/usr/bin/env bash
# Apache Kafka 4.1.2: a share group (KIP-932) keeps its name when its last member has left. Unlike an empty group of the classic and of the new
# consumer protocol, which turn into each other when the next member joins, it lets nobody else in: neither kafkajs 2.2.4, nor Kafka's own
# consumer with either protocol, until somebody deletes it.
#
# Seen: `the share group: Empty`, `read by a classic consumer: 0` (of one record), `read by a consumer of the new protocol: 0`,
# `kafkajs: INCONSISTENT_GROUP_PROTOCOL`, and after `kafka-share-groups --delete`: `joined`, and 1.
# What it means: one look at a topic with a share consumer under the name of a service's group, and the service never joins again. What it is
# told names neither the share group nor the remedy.
MORE_SETTINGS='share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1'
. "$(dirname "$0")/broker.sh"
start_broker
create_topic records
cd "$WORK"
npm install --silent --no-audit --no-fund --prefix "$WORK" kafkajs@2.2.4

cat >join.cjs <<'JS'
const { Kafka, logLevel } = require('kafkajs')
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
const consumer = kafka.consumer({ groupId: 'shared', retry: { retries: 0, restartOnFailure: async () => false } })
let isSaid = false
const say = (text) => {
  if (!isSaid) console.log(text)
  isSaid = true
}
consumer.on('consumer.group_join', () => say('joined'))
consumer.on('consumer.crash', ({ payload: { error } }) => say((error.cause ?? error).type ?? error.name))
;(async () => {
  await consumer.connect()
  await consumer.subscribe({ topic: 'records' })
  await consumer.run({ eachMessage: async () => {} })
  for (let left = 150; left > 0 && !isSaid; left--) await new Promise((resolve) => setTimeout(resolve, 100))
  await consumer.disconnect()
  process.exit()
})()
JS
tool() { java_tool "$@" --bootstrap-server "$BOOTSTRAP"; }
# How many of the topic's one record Kafka's own consumer gets within eight seconds, by the protocol that it speaks.
read_as() {
  "${JAVA[@]}" org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$BOOTSTRAP" --topic records --group shared --from-beginning \
    --consumer-property group.protocol="$1" --timeout-ms 8000 2>/dev/null | grep -c one || true
}
echo one | java_tool org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$BOOTSTRAP" --topic records >/dev/null 2>&1
java_tool org.apache.kafka.tools.FeatureCommand --bootstrap-server "$BOOTSTRAP" upgrade --feature share.version=1 >/dev/null
timeout 60 "${JAVA[@]}" org.apache.kafka.tools.consumer.ConsoleShareConsumer --bootstrap-server "$BOOTSTRAP" --topic records --group shared --timeout-ms 5000 >/dev/null 2>&1 || true
state=$(tool org.apache.kafka.tools.consumer.group.ShareGroupCommand --describe --state --group shared 2>/dev/null | grep -oE 'Empty|Stable|Dead' | head -1)
expect 'the share group' "$state" 'Empty'
expect 'read by a classic consumer' "$(read_as classic)" 0
expect 'read by a consumer of the new protocol' "$(read_as consumer)" 0
expect 'kafkajs' "$(timeout 40 node join.cjs "$BOOTSTRAP")" 'INCONSISTENT_GROUP_PROTOCOL'
tool org.apache.kafka.tools.consumer.group.ShareGroupCommand --delete --group shared >/dev/null 2>&1
expect 'kafkajs, after it was deleted' "$(timeout 40 node join.cjs "$BOOTSTRAP")" 'joined'
expect 'read by a classic consumer then' "$(read_as classic)" 1
