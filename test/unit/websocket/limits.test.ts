import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SETTINGS } from '../../../src/config/settings.ts'
import { WEBSOCKET_LIMITS } from '../../../src/websocket/limits.ts'
import { EVENTS_AT_ONCE } from '../../../src/websocket/streams/events-routes.ts'
import { WRONG_TOKENS } from '../../../src/websocket/tokens/token-gate.ts'

const text = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8')
const rows = [...text.matchAll(/^\| (.+?) \| (.+?) \| (.+?) \|$/gm)].map(([, what = '', most = '']) => ({ what, most }))
const { ws_max_clients, ws_max_clients_per_address, ws_upgrades_per_second } = SETTINGS

test.each([
  ['clients at one time', ws_max_clients.default],
  ['clients of one IPv4', ws_max_clients_per_address.default],
  ['new clients a second', ws_upgrades_per_second.default],
  ['bytes of a client', WEBSOCKET_LIMITS.maxInboundBytes],
  ['messages of a client', WEBSOCKET_LIMITS.inboundPerSecond],
  ['wrong tokens of an address a second', WRONG_TOKENS.perSecond],
  ['unsent bytes of all', WEBSOCKET_LIMITS.maxUnsentBytes],
  ['seconds until a client subscribes', WEBSOCKET_LIMITS.subscribeWithinMs / 1000],
  ['seconds without a sign of life', WEBSOCKET_LIMITS.idleTimeoutSeconds],
  ['`last`, and `limit`', WEBSOCKET_LIMITS.maxLast],
  ['different filters', WEBSOCKET_LIMITS.filterClasses],
  ['replays that read Kafka', WEBSOCKET_LIMITS.replays],
  ['replays that wait', WEBSOCKET_LIMITS.waitingReplays],
  ['seconds that a replay waits', WEBSOCKET_LIMITS.replayWaitMs / 1000],
  ['seconds of one read', WEBSOCKET_LIMITS.readTimeoutMs / 1000],
  ['pages of past events', EVENTS_AT_ONCE.maxClients],
])('docs/limits.md: %s', (what, most) => {
  const row = rows.find((each) => each.what.startsWith(what)) ?? expect.fail(`no row for ${what}`)
  expect(row.most).toMatch(new RegExp(`^${most}\\b`))
})

test('docs/limits.md: the bounds of one address', () => {
  const ofOneAddress = rows.filter(({ what }) => what === 'the same of one address').map(({ most }) => most)
  expect(ofOneAddress).toEqual([`${WEBSOCKET_LIMITS.replaysPerAddress}`, `${EVENTS_AT_ONCE.maxClientsPerAddress}`])
})
