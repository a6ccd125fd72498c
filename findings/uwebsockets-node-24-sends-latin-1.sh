#!/usr/bin/env bash
# uwebsockets 3.0.6 (npm's repackaging of uWebSockets.js) on Node.js 24.21.0 and 22.23.3, read by ws 8.23.0 and node:http.
#
# The package has a binary for each Node.js. That for Node.js 24 writes text in which every character is below U+0100 as Latin-1, one byte a
# character: in `ws.send`, `response.end` and `response.write`. So "é" is the byte e9, although the frame says that it is text and the header
# that it is UTF-8; a WebSocket client that checks, as every browser does, closes with 1007. `app.publish` writes UTF-8, and so does `send` as
# soon as one character is above U+00FF, which hides it: tests with an emoji pass, a name with an accent ends the connection. The binary for
# Node.js 22 writes UTF-8 everywhere.
#
# Seen: `22: end c3a9, write c3a9, send c3a9, wide c3a9e282ac, publish c3a9, ws open`
#       `24: end e9, write e9, send e9, wide c3a9e282ac, publish c3a9, ws closed: invalid UTF-8`
# What it means: hand bytes to the library, not text; and run tests on the Node.js that is deployed.
#
# The binaries need glibc 2.38. On an older system this runs in a Debian 13 that debootstrap installs into a temporary folder, as root.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"

ROOT=
GLIBC=$(getconf GNU_LIBC_VERSION | cut -d' ' -f2)
if [ "$(printf '%s\n' 2.38 "$GLIBC" | sort -V | head -n 1)" != 2.38 ]; then
  command -v debootstrap >/dev/null && [ "$(id -u)" = 0 ] || { echo "glibc $GLIBC is too old: run this on Debian 13, or as root with debootstrap"; exit 1; }
  ROOT=$WORK/root
  MIRROR=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } | sed -nE 's/^(URIs:|deb) +(\[[^]]*\] +)?(https?:[^ ]+).*/\3/p' | grep -v security | sed -n 1p)
  debootstrap --variant=minbase trixie "$ROOT" "$MIRROR" >/dev/null 2>&1
fi
run() { if [ -n "$ROOT" ]; then chroot "$ROOT" "/probe/$1" /probe/probe.mjs "$2"; else "probe/$1" probe/probe.mjs "$2"; fi; }

mkdir -p "$ROOT${ROOT:+/}probe"
PROBE=${ROOT:-.}/probe
(cd "$PROBE" && npm install --silent --no-audit --no-fund uwebsockets@3.0.6 ws@8.23.0 2>/dev/null)
for version in 22.23.3 24.21.0; do
  cp "$(npm exec --yes --package="node@$version" -- node -p process.execPath | tail -n 1)" "$PROBE/node-${version%%.*}"
done

cat >"$PROBE/probe.mjs" <<'JS'
import { get } from 'node:http'
import uWS from 'uwebsockets'
import { WebSocket } from 'ws'

const app = uWS.App()
app.get('/end', (response) => void response.end('é'))
app.get('/write', (response) => {
  response.write('é')
  response.end()
})
app.ws('/ws', {
  open(socket) {
    socket.subscribe('all')
    socket.send('é')
    socket.send('é€')
    setTimeout(() => app.publish('all', 'é'), 50)
  },
})
const port = await new Promise((resolve) => app.listen('127.0.0.1', 0, (listening) => resolve(uWS.us_socket_local_port(listening))))

const body = (path) =>
  new Promise((resolve) =>
    get(`http://127.0.0.1:${port}${path}`, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks).toString('hex')))
    }),
  )
const messages = (options) =>
  new Promise((resolve) => {
    const heard = []
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, options)
    socket.on('message', (data) => heard.push(data.toString('hex')) === 3 && resolve(heard))
    socket.on('error', (error) => resolve(error.message))
  })

const [end, write] = [await body('/end'), await body('/write')]
const [send, wide, publish] = await messages({ skipUTF8Validation: true })
const checked = await messages({})
const state = Array.isArray(checked) ? 'open' : `closed: ${/invalid UTF-8/i.test(checked) ? 'invalid UTF-8' : checked}`
console.log(`${process.argv[2]}: end ${end}, write ${write}, send ${send}, wide ${wide}, publish ${publish}, ws ${state}`)
process.exit()
JS

run node-22 22 | tee "$WORK/seen"
run node-24 24 | tee -a "$WORK/seen"
diff "$WORK/seen" - <<'SEEN'
22: end c3a9, write c3a9, send c3a9, wide c3a9e282ac, publish c3a9, ws open
24: end e9, write e9, send e9, wide c3a9e282ac, publish c3a9, ws closed: invalid UTF-8
SEEN
echo 'as described'
