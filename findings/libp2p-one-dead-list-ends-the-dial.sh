#!/usr/bin/env bash
# libp2p 3.3.11 (JavaScript): a peer is dialled at two addresses, a /dnsaddr list that cannot be looked up, and an address where it listens.
#
# The dial fails at once, without a try of the good address: all lists are looked up together first, and one that cannot be is the end of the
# dial. In which order they stand makes no difference. (A /dns4 name that does not resolve does no harm: the transport looks it up.) So a
# node whose operator lists a peer by its list and, to be sure, by its address too, is cut off by a fault of the DNS, which the second
# address was for.
#
# Seen: `good address: connected`, `list, good address: not found`, `good address, list: not found`.
# What it means: dial the addresses of a peer one after the other, each with a deadline of its own, and look lists up outside the dial.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
echo '{"type":"module"}' >package.json
npm install --silent --no-audit --no-fund libp2p@3.3.11 @libp2p/tcp@11.0.28 @chainsafe/libp2p-noise@17.0.0 @chainsafe/libp2p-yamux@8.0.1 \
  @multiformats/multiaddr@13.0.3 2>/dev/null

cat >dial.js <<'JS'
Promise.withResolvers ??= () => {
  const all = {}
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }))
  return all
}
const { createLibp2p } = await import('libp2p')
const { tcp } = await import('@libp2p/tcp')
const { noise } = await import('@chainsafe/libp2p-noise')
const { yamux } = await import('@chainsafe/libp2p-yamux')
const { multiaddr } = await import('@multiformats/multiaddr')
const start = (listen) =>
  createLibp2p({ addresses: { listen }, transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()], connectionGater: { denyDialMultiaddr: () => false } })

const listener = await start(['/ip4/127.0.0.1/tcp/0'])
const [good] = listener.getMultiaddrs()
const list = multiaddr(`/dnsaddr/node.invalid/p2p/${listener.peerId}`) // a name that is reserved for not being there
const seen = []
for (const [what, addresses] of [
  ['good address', [good]],
  ['list, good address', [list, good]],
  ['good address, list', [good, list]],
]) {
  const dialler = await start([])
  const result = await dialler.dial(addresses).then(() => 'connected', (error) => (/ENOTFOUND|EAI_AGAIN/.test(`${error} ${error.errors ?? ''} ${error.cause ?? ''}`) ? 'not found' : String(error)))
  console.log(`${what}: ${result}`)
  seen.push(result)
  await dialler.stop()
}
await listener.stop()
process.exit(seen.join() === 'connected,not found,not found' ? 0 : 1)
JS
node dial.js
