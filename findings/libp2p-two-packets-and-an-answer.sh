#!/usr/bin/env bash
# libp2p 3.3.11 with @libp2p/tcp 11.0.28, @libp2p/noise 17.0.3, @libp2p/yamux 8.0.3: one node sends 200 messages of 200 bytes on a stream,
# one every 5 ms; the other one only reads them.
#
# 1. Each message is two writes to the socket: the two bytes of Noise's length, and the rest. As TCP_NODELAY is set, a write is a packet.
# 2. The reader writes as often as the sender: yamux tells the sender of a larger window after every frame, not when a part of the window is
#    used, as the libraries of Go and Rust do. A window is 256 KiB and a message 0.08 % of it. So each message that is only heard costs one
#    more that is encoded, encrypted, written twice, read and decrypted, and there are four packets for it.
#
# Seen: `200 messages: the sender writes 400 times, the reader 400 times`.
# What it means: where a node hears many small messages, half of its packets carry no data. Cork the socket until the turn ends, and send a
# window update when half of the window is used.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
echo '{"type":"module"}' >package.json
npm install --silent --no-audit --no-fund libp2p@3.3.11 @libp2p/tcp@11.0.28 @libp2p/noise@17.0.3 @libp2p/yamux@8.0.3 2>/dev/null

cat >writes.js <<'JS'
import { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

Promise.withResolvers ??= () => {
  const all = {}
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }))
  return all
}
const { createLibp2p } = await import('libp2p')
const { tcp } = await import('@libp2p/tcp')
const { noise } = await import('@libp2p/noise')
const { yamux } = await import('@libp2p/yamux')

const PROTOCOL = '/only-reads/1.0.0'
const MESSAGES = 200

/** How often each end of the connection writes; `port` is where the reader listens. */
const writes = { sender: 0, reader: 0 }
let port = 0
const { write } = Socket.prototype
Socket.prototype.write = function (...args) {
  if (this.remotePort === port) writes.sender += 1
  if (this.localPort === port) writes.reader += 1
  return write.apply(this, args)
}

const start = () =>
  createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  })
const [reader, sender] = [await start(), await start()]
port = Number(reader.getMultiaddrs()[0].toString().split('/')[4])

let bytes = 0
await reader.handle(PROTOCOL, (stream) => {
  stream.addEventListener('message', ({ data }) => {
    bytes += data.byteLength
  })
})
const connection = await sender.dial(reader.getMultiaddrs())
const stream = await connection.newStream(PROTOCOL)
stream.send(new Uint8Array(200))
for (const until = Date.now() + 5000; bytes < 200 && Date.now() < until; ) await pause(10)
await pause(500) // the negotiation is over

Object.assign(writes, { sender: 0, reader: 0 })
for (let sent = 0; sent < MESSAGES; sent++) {
  stream.send(new Uint8Array(200))
  await pause(5)
}
for (const until = Date.now() + 5000; bytes < 200 * (MESSAGES + 1) && Date.now() < until; ) await pause(10)
await pause(500)
console.log(`${MESSAGES} messages: the sender writes ${writes.sender} times, the reader ${writes.reader} times`)
const isWhole = bytes === 200 * (MESSAGES + 1)
process.exit(isWhole && writes.sender >= 2 * MESSAGES && writes.reader >= MESSAGES ? 0 : 1)
JS
node writes.js
