#!/usr/bin/env bash
# Node.js 20.20.2 and 22.23.3: `URL.canParse` says true for a URL whose host has a letter of Latin-1, "http://bücher.example", and after some
# thousand calls false, for the same text: once V8 has optimised the caller, it hands the text's Latin-1 bytes to a parser that reads UTF-8.
# `new URL` reads it each time. Node.js 24.21.0 answers true each time.
#
# Seen: `v20.20.2: true, later false; new URL: xn--bcher-kva.example`, the same on v22.23.3; `v24.21.0: true each time; ...`.
# What it means: a service refuses some hosts only after it has been busy, and a test with a few calls never shows it. Texts outside of Latin-1
# ("http://bőr.example") and pure ASCII are not touched.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"

cat >ask.mjs <<'JS'
const text = 'http://b\u00fccher.example'
function ask() { return URL.canParse(text) }
const first = ask()
let changed = false
for (let call = 0; call < 200_000 && !changed; call++) changed = ask() !== first
console.log(`${process.version}: ${first}${changed ? `, later ${!first}` : ' each time'}; new URL: ${new URL(text).hostname}`)
JS
check() {
  mkdir "$1" && npm install --prefix "$1" --silent --no-audit --no-fund "node@$1" 2>/dev/null
  seen=$(timeout 60 "$1/node_modules/node/bin/node" ask.mjs)
  echo "$seen"
  [ "$seen" = "v$1: $2; new URL: xn--bcher-kva.example" ] || { echo "expected: v$1: $2" >&2; exit 1; }
}
check 20.20.2 'true, later false'
check 22.23.3 'true, later false'
check 24.21.0 'true each time'
