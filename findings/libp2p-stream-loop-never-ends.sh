#!/usr/bin/env bash
# libp2p 3.3.11 (@libp2p/utils 7.4.1), two nodes, valid traffic: a stream is read with `for await (const chunk of stream)`.
#
# The loop ends when the remote closes its half while the loop runs. If the remote has closed it before the loop begins, the loop gets
# the data that waits, and then never ends: it listens to `remoteCloseWrite`, which is over, and not to `end`. That is no rare race:
# 1. A protocol handler that awaits anything before it reads.
# 2. A handler that reads at once, if the negotiation of the protocol, the data and the end come together. Go sends them so when it knows
#    that the peer speaks the protocol.
#
# Seen: `reads in time: 4 bytes, ended`, `reads later: 4 bytes, never ended`, `all at once: 4 bytes, never ended` (within 5 s each).
# What it means: read by events, and take `remoteWriteStatus === 'closed' && readBufferLength === 0` for the end; give each read a deadline.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
echo '{"type":"module"}' >package.json
npm install --silent --no-audit --no-fund libp2p@3.3.11 @libp2p/tcp@11.0.28 \
  @chainsafe/libp2p-noise@17.0.0 @chainsafe/libp2p-yamux@8.0.1 @libp2p/utils@7.4.1 2>/dev/null

cat >streams.js <<'JS'
Promise.withResolvers ??= () => {
  const all = {}
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }))
  return all
}
const { createLibp2p } = await import('libp2p')
const { tcp } = await import('@libp2p/tcp')
const { noise } = await import('@chainsafe/libp2p-noise')
const { yamux } = await import('@chainsafe/libp2p-yamux')

const PROTOCOL = '/four-bytes/1.0.0'
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const start = () =>
  createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  })

const [reader, sender] = [await start(), await start()]
const connection = await sender.dial(reader.getMultiaddrs())

/** What the handler got of a stream within five seconds. */
async function run(name, { waitMs, send }) {
  const seen = { bytes: 0, ended: false }
  await reader.handle(PROTOCOL, async (stream) => {
    if (waitMs > 0) await pause(waitMs)
    for await (const chunk of stream) seen.bytes += chunk.byteLength
    seen.ended = true
  })
  await send()
  for (const until = Date.now() + 5000; !seen.ended && Date.now() < until; ) await pause(10)
  await reader.unhandle(PROTOCOL)
  console.log(`${name}: ${seen.bytes} bytes, ${seen.ended ? 'ended' : 'never ended'}`)
  return seen.ended
}

async function inTurn() {
  const stream = await connection.newStream(PROTOCOL)
  stream.send(Buffer.from('four'))
  await stream.close()
}

/** The bytes of a Go peer: multistream-select's two lines, the data, the end, without a wait for the answer. */
async function atOnce() {
  const stream = await connection.muxer.createStream()
  const line = (text) => Buffer.from(`${String.fromCharCode(text.length + 1)}${text}\n`)
  stream.send(Buffer.concat([line('/multistream/1.0.0'), line(PROTOCOL), Buffer.from('four')]))
  await stream.close()
}

const inTime = await run('reads in time', { waitMs: 0, send: inTurn })
const later = await run('reads later', { waitMs: 200, send: inTurn })
const together = await run('all at once', { waitMs: 0, send: atOnce })
process.exit(inTime && !later && !together ? 0 : 1)
JS
node streams.js
