#!/usr/bin/env bash
# libp2p 3.3.11 (JavaScript): the peer store forgets a peer that is connected, once nothing new was written of it for six hours (`maxPeerAge`):
# its tags, its protocols and its metadata. Identify runs once for a connection, so it happens to quiet, stable connections.
#
# Seen: `6 hours later: 1 connection, NotFoundError`; with `peerStore: { maxPeerAge: Infinity }` it is `1 connection, tagged`.
# What it means: a tag that protects a peer from the connection pruner protects it for six hours, and who asks the store for a peer's protocols
# (to open a lost stream again) hears that there is no such peer. Whoever tags peers has to set `maxPeerAge`, and to bound the store himself.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
echo '{"type":"module"}' >package.json
npm install --silent --no-audit --no-fund libp2p@3.3.11 @libp2p/tcp@11.0.28 @chainsafe/libp2p-noise@17.0.0 @chainsafe/libp2p-yamux@8.0.1 \
  @libp2p/identify@4.1.14 2>/dev/null

cat >forget.mjs <<'JS'
Promise.withResolvers ??= function () { let resolve, reject; const promise = new this((a, b) => { resolve = a; reject = b }); return { promise, resolve, reject } }
const { createLibp2p } = await import('libp2p')
const { tcp } = await import('@libp2p/tcp')
const { noise } = await import('@chainsafe/libp2p-noise')
const { yamux } = await import('@chainsafe/libp2p-yamux')
const { identify } = await import('@libp2p/identify')
const start = (more = {}) => createLibp2p({ addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] }, transports: [tcp()], connectionEncrypters: [noise()],
  streamMuxers: [yamux()], services: { identify: identify() }, ...more })
const node = await start(process.argv[2] === 'ever' ? { peerStore: { maxPeerAge: Infinity } } : {})
const peer = await start()
await node.dial(peer.getMultiaddrs())
await node.peerStore.merge(peer.peerId, { tags: { important: { value: 100 } } })
const now = Date.now
Date.now = () => now() + 6 * 3_600_000 + 60_000
const seen = await node.peerStore.get(peer.peerId).then(({ tags }) => (tags.has('important') ? 'tagged' : 'not tagged'), ({ name }) => name)
console.log(`${node.getConnections(peer.peerId).length} connection, ${seen}`)
process.exit()
JS
expect() { echo "$1: $2"; [ "$2" = "$3" ] || { echo "expected: $3" >&2; exit 1; }; }
expect '6 hours later' "$(timeout 60 node forget.mjs)" '1 connection, NotFoundError'
expect '6 hours later, with maxPeerAge' "$(timeout 60 node forget.mjs ever)" '1 connection, tagged'
