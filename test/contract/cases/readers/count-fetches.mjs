import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'

// Counts the fetch requests of this process by client id. `cli-reader.ts` loads it into the program with `--import`: there it writes the
// count to the file descriptor COUNT_FETCHES_TO when the program ends.

const FETCH = 1
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/connection')
const { send } = prototype
const counts = new Map()

prototype.send = function countAndSend(message) {
  if (message.request.apiKey === FETCH) counts.set(this.clientId, fetchesOf(this.clientId) + 1)
  return send.call(this, message)
}

export function fetchesOf(clientId) {
  return counts.get(clientId) ?? 0
}

const to = process.env.COUNT_FETCHES_TO
if (to !== undefined) {
  process.on('exit', () => writeSync(Number(to), `${[...counts.values()].reduce((sum, count) => sum + count, 0)}`))
}
