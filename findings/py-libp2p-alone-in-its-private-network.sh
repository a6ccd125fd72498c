#!/usr/bin/env bash
# py-libp2p 0.8.1 beside libp2p 3.3.11 with @libp2p/pnet 3.0.27, each with the same shared key of 32 bytes.
#
# py-libp2p takes a `psk` for a private network. It sends a nonce of 8 bytes, and encrypts with Salsa20. The specification of private
# networks says 24 bytes and XSalsa20, as Go, Rust and JavaScript do. So nodes in Python find each other, and nobody else.
#
# Seen: `sent before an answer: Python 28 bytes, JavaScript 24` (8 and an encrypted greeting of 20; 24), `JavaScript to JavaScript:
# connected`, `Python to Python: connected`, `Python to JavaScript: not connected`.
# What it means: a network with a shared key has no members that run py-libp2p, and no setting of either side changes that.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
echo '{"type":"module"}' >package.json
npm install --silent --no-audit --no-fund libp2p@3.3.11 @libp2p/pnet@3.0.27 @libp2p/tcp@11.0.28 \
  @chainsafe/libp2p-noise@17.0.0 @chainsafe/libp2p-yamux@8.0.1 @multiformats/multiaddr@13.0.3 2>/dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check libp2p==0.8.1

# `node peer.js KEY listen` prints its address and waits; `node peer.js KEY dial ADDRESS` says whether it is connected.
cat >peer.js <<'JS'
Promise.withResolvers ??= () => {
  const all = {}
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }))
  return all
}
const { createLibp2p } = await import('libp2p')
const { preSharedKey } = await import('@libp2p/pnet')
const { tcp } = await import('@libp2p/tcp')
const { noise } = await import('@chainsafe/libp2p-noise')
const { yamux } = await import('@chainsafe/libp2p-yamux')
const { multiaddr } = await import('@multiformats/multiaddr')

const [key, what, address] = process.argv.slice(2)
const psk = new TextEncoder().encode(`/key/swarm/psk/1.0.0/\n/base16/\n${key}`)
const node = await createLibp2p({
  addresses: { listen: what === 'listen' ? ['/ip4/127.0.0.1/tcp/0'] : [] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionProtector: preSharedKey({ psk }),
})
if (what === 'listen') console.log(`${node.getMultiaddrs()[0]}`)
else {
  const dialled = node.dial(multiaddr(address), { signal: AbortSignal.timeout(8000) })
  console.log(await dialled.then(() => 'connected', () => 'not connected'))
  process.exit()
}
JS

cat >peer.py <<'PY'
import logging
import sys

import trio
from libp2p import new_host
from libp2p.peer.peerinfo import info_from_p2p_addr
from multiaddr import Multiaddr

logging.disable(logging.CRITICAL)
key, what, address = [*sys.argv[1:], ""][:3]


async def main():
    host = new_host(psk=key)
    async with host.run(listen_addrs=[Multiaddr("/ip4/127.0.0.1/tcp/0")] if what == "listen" else []):
        if what == "listen":
            print(next(str(each) for each in host.get_addrs() if "/127.0.0.1/" in str(each)), flush=True)
            await trio.sleep(60)
            return
        try:
            with trio.fail_after(8):
                await host.connect(info_from_p2p_addr(Multiaddr(address)))
            print("connected", flush=True)
        except BaseException:
            print("not connected", flush=True)


trio.run(main)
PY

# Prints its port, then how many bytes whoever dials has sent after a second, without an answer.
cat >silent.js <<'JS'
import { createServer } from 'node:net'
const server = createServer((socket) => {
  let bytes = 0
  socket.on('error', () => {})
  socket.on('data', (data) => {
    bytes += data.length
  })
  socket.once('data', () => setTimeout(() => {
    console.log(bytes)
    process.exit()
  }, 1000))
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
JS

KEY=$(printf 'a1%.0s' {1..32})
PYTHON="venv/bin/python peer.py $KEY"
JAVASCRIPT="node peer.js $KEY"
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done; rm -rf "$WORK"' EXIT

# Starts a program in the background; its first line is in the file that is named.
start() {
  local file=$1
  shift
  "$@" >"$file" 2>/dev/null &
  children+=($!)
  for _ in {1..300}; do
    [ -s "$file" ] && return
    sleep 0.1
  done
  echo "did not start: $*"
  exit 1
}

start js.txt $JAVASCRIPT listen
start py.txt $PYTHON listen
peer_id=$(sed 's|.*/p2p/||' js.txt)

sent() {
  start "$1.txt" node silent.js
  timeout 15 "${@:2}" dial "/ip4/127.0.0.1/tcp/$(head -1 "$1.txt")/p2p/$peer_id" >/dev/null 2>&1 || true
  tail -1 "$1.txt"
}

{
  echo "sent before an answer: Python $(sent of-python $PYTHON) bytes, JavaScript $(sent of-javascript $JAVASCRIPT)"
  echo "JavaScript to JavaScript: $($JAVASCRIPT dial "$(cat js.txt)")"
  echo "Python to Python: $($PYTHON dial "$(cat py.txt)" 2>/dev/null)"
  echo "Python to JavaScript: $($PYTHON dial "$(cat js.txt)" 2>/dev/null)"
} | tee seen.txt
diff - seen.txt <<'SEEN'
sent before an answer: Python 28 bytes, JavaScript 24
JavaScript to JavaScript: connected
Python to Python: connected
Python to JavaScript: not connected
SEEN
echo "still so: py-libp2p is alone in its private network"
