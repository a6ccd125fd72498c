#!/usr/bin/env bash
# Node.js 24.21.0: V8's young generation grows to 128 MB, in 22.23.3 to 32 MB, with the same program and no option. A service that makes many
# short-lived objects takes some 200 MB more after an upgrade, though its old generation is as it was. `--max-semi-space-size=16` bounds it on
# the command line; set by `v8.setFlagsFromString` at the first line of the program it changes nothing, as no error says. The factor by which the
# generation grows is read each time, so with 1 it stays as it is.
#
# Seen: `v22.23.3: 32 MB; with --max-semi-space-size=16 at run time 32 MB; with --semi-space-growth-factor=1 at run time at most 4 MB`,
# `v24.21.0: 128 MB; ... 128 MB; ... at most 4 MB`.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"

# Thirty million small objects, of which the last 200,000 are kept.
cat >fill.cjs <<'JS'
const v8 = require('node:v8')
if (process.argv[2]) v8.setFlagsFromString(process.argv[2])
const kept = []
for (let n = 0; n < 30_000_000; n++) kept[n % 200_000] = { n, text: 'x' + n }
const young = v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
console.log(young.space_size / 2 ** 20)
JS
check() {
  mkdir "$1" && npm install --prefix "$1" --silent --no-audit --no-fund "node@$1" 2>/dev/null
  node="$1/node_modules/node/bin/node"
  plain=$(timeout 120 "$node" fill.cjs)
  bounded=$(timeout 120 "$node" fill.cjs --max-semi-space-size=16)
  factor=$(timeout 120 "$node" fill.cjs --semi-space-growth-factor=1)
  [ "${factor%.*}" -le 4 ] && factor='at most 4'
  seen="v$1: $plain MB; with --max-semi-space-size=16 at run time $bounded MB; with --semi-space-growth-factor=1 at run time $factor MB"
  echo "$seen"
  expected="v$1: $2 MB; with --max-semi-space-size=16 at run time $2 MB; with --semi-space-growth-factor=1 at run time at most 4 MB"
  [ "$seen" = "$expected" ] || { echo "expected: $expected" >&2; exit 1; }
}
check 22.23.3 32
check 24.21.0 128
