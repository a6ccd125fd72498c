#!/usr/bin/env bash
# @libp2p/gossipsub 17.1.1 (libp2p 3.3.11), three nodes in a chain, all valid traffic.
#
# 1. A node that has just connected and subscribed misses messages for good. The middle relays to its mesh only; the newcomer enters the
#    mesh a moment later, and from then on the lists of recent messages (IHAVE), which would have repaired it, are not sent to it.
# 2. All that a peer asks for at once comes in one RPC, whatever its size. rust-libp2p takes 64 KiB by default, and never reads from a
#    stream again after a larger RPC.
#
# Seen: `newcomer: 0 of 50 within 5 s`, `answer: 250 messages in an RPC of 154 kB`.
# What it means: offer recent messages to each peer that enters the mesh, and split what is sent by bytes.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
echo '{"type":"module"}' >package.json
npm install --silent --no-audit --no-fund @libp2p/gossipsub@17.1.1 libp2p@3.3.11 @libp2p/tcp@11.0.28 \
  @chainsafe/libp2p-noise@17.0.0 @chainsafe/libp2p-yamux@8.0.1 @libp2p/identify@4.1.14 2>/dev/null

cat >chain.js <<'JS'
Promise.withResolvers ??= () => {
  const all = {}
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }))
  return all
}
const { createLibp2p } = await import('libp2p')
const { gossipsub } = await import('@libp2p/gossipsub')
const { tcp } = await import('@libp2p/tcp')
const { noise } = await import('@chainsafe/libp2p-noise')
const { yamux } = await import('@chainsafe/libp2p-yamux')
const { identify } = await import('@libp2p/identify')

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const until = async (condition) => { while (!condition()) await pause(1) } // prettier-ignore
const start = async (options = {}) => {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true, ...options }) },
  })
  node.services.pubsub.subscribe('topic')
  return node
}
const received = (node) => {
  const texts = new Set()
  node.services.pubsub.addEventListener('message', ({ detail }) => texts.add(Buffer.from(detail.data).toString()))
  return texts
}
const publish = async (node, name, count) => {
  for (let i = 0; i < count; i++) await node.services.pubsub.publish('topic', Buffer.alloc(450, `${name} ${i} `))
}

const middle = await start()
const first = await start()
await first.dial(middle.getMultiaddrs())
await until(() => middle.services.pubsub.getMeshPeers('topic').length === 1 && first.services.pubsub.getSubscribers('topic').length === 1)
const last = await start()
const atLast = received(last)
const dialled = last.dial(middle.getMultiaddrs())
await until(() => middle.getPeers().length === 2)
await publish(first, 'early', 50)
await dialled
await pause(5000)
const early = [...atLast].filter((text) => text.startsWith('early')).length
console.log(`newcomer: ${early} of 50 within 5 s`)

// A node without a mesh of its own hears by IHAVE only, and asks for what it lacks. The relay has no mesh either.
const lazy = await start({ D: 0, Dlo: 0, Dhi: 0, Dout: 0, Dscore: 0 })
const decode = lazy.services.pubsub.decodeRpc.bind(lazy.services.pubsub)
let largest = { bytes: 0, messages: 0 }
lazy.services.pubsub.decodeRpc = (bytes) => {
  const rpc = decode(bytes)
  if (bytes.byteLength > largest.bytes) largest = { bytes: bytes.byteLength, messages: rpc.messages.length }
  return rpc
}
const relay = await start({ D: 0, Dlo: 0, Dhi: 0, Dout: 0, Dscore: 0 })
const feeder = await start()
await Promise.all([lazy.dial(relay.getMultiaddrs()), feeder.dial(relay.getMultiaddrs())])
await until(() => relay.services.pubsub.getSubscribers('topic').length === 2 && feeder.services.pubsub.getSubscribers('topic').length === 1)
await publish(feeder, 'lazy', 250)
await pause(5000)
console.log(`answer: ${largest.messages} messages in an RPC of ${Math.round(largest.bytes / 1000)} kB`)
process.exit(early < 50 && largest.bytes > 65_536 ? 0 : 1)
JS
node chain.js
