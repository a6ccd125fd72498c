#!/usr/bin/env bash
# kafkajs 2.2.4 against Apache Kafka 4.1.2: a client that is disconnected while it connects is connected afterwards. `disconnect` resolves at once,
# because there is nothing yet that it could close; the connection that `connect` was about to open comes later, and nobody closes it.
#
# Seen: `after disconnect: connected, 1 connection open` five seconds later, and a process that does not end by itself.
# What it means: a stop during a slow start (a busy machine, a broker that takes its time) leaves a connection and a timer behind. Whoever
# stops a client has to wait for its `connect` and disconnect once more, or to refuse its sockets.
. "$(dirname "$0")/broker.sh"
start_broker
cd "$WORK"
npm install --silent --no-audit --no-fund --prefix "$WORK" kafkajs@2.2.4

cat >late.cjs <<'JS'
const { Kafka, logLevel } = require('kafkajs')
const admin = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING }).admin()
const open = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
;(async () => {
  const connecting = admin.connect().then(() => 'connected', (error) => error.message)
  await admin.disconnect()
  const outcome = await connecting
  await new Promise((resolve) => setTimeout(resolve, 5000))
  console.log(`${outcome}, ${open()} connection open`)
  process.exit()
})()
JS
expect 'after disconnect' "$(timeout 60 node late.cjs "$BOOTSTRAP")" 'connected, 1 connection open'
