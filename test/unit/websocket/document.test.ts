import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { formatCursor, parseCursor } from '../../../src/events/entries/cursor.ts'
import { EVENT_TYPES } from '../../../src/events/entries/event-kinds.ts'
import type { LogEvent } from '../../../src/events/event.ts'
import { logToBrowsers } from '../../../src/flows/log-to-browsers.ts'
import { parseClientMessage } from '../../../src/websocket/clients/client-message.ts'
import {
  CLOSE,
  caughtUpFrame,
  errorFrame,
  gapFrame,
  helloFrame,
  pingFrame,
  subscribedFrame,
  unsubscribedFrame,
} from '../../../src/websocket/feed/frames.ts'
import { serverSentEvent } from '../../../src/websocket/streams/server-sent-event.ts'
import { PEER_ID, SAMPLES } from '../../fixtures/announcements.ts'

const text = readFileSync(new URL('../../../docs/websocket.md', import.meta.url), 'utf8')
/** All lines of JSON on the page. */
const lines = [...text.matchAll(/```json\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'))

const [oldest, newest, now] = ['v1.17.0a1b2c3d', 'v1.98.9f8e7d6c', 1_767_225_600_000]
const node = { version: '1.2.3', instance: 'bridge-0', bridgeId: 'node-a', network: 'mainnet', clientName: 'node-a', peerId: PEER_ID }
const limits = { last: 1000, messageBytes: 4096, messagesPerSecond: 10, unsentBytes: 1_048_576 }
const filter = { peer: null, minHeight: 900_000, hashPrefix: null, origin: 'network' }

test.each([
  ['hello', helloFrame(node, { oldest, newest, types: ['block', 'subtree'], limits, now })],
  ['subscribed', subscribedFrame({ types: new Set(['block']), filter, batchMs: 0 })],
  ['gap', gapFrame({ requested: oldest, reason: 'expired', missed: 80, oldest: newest })],
  ['caught-up', caughtUpFrame(newest)],
  ['ping', pingFrame(newest, now)],
  ['unsubscribed', unsubscribedFrame(newest)],
  ['error', errorFrame('bad-message', 'last is -1; it must be a whole number from 0 to 1000')],
])('the page shows %s as the server sends it', (_type, frame) => {
  expect(lines).toContain(frame)
})

test('the page shows a server-sent event as the server sends it', () => {
  expect(text).toContain(serverSentEvent(gapFrame({ requested: oldest, reason: 'expired', missed: 80, oldest: newest })).trim())
})

const toItem = logToBrowsers({ formatCursor, teranodeNotification: () => null })
const base = { id: '000102030405060708090a0b0c0d0e0f', network: 'mainnet', bridgeId: 'node-a', peerId: PEER_ID, receivedAt: now } as const
const OTHERS = {
  sync: { type: 'sync', sync: { hash: 'ab'.repeat(32), height: 900_000, dataHubUrl: 'https://node.example.org/api/v1' } },
  ban: { type: 'ban', ban: { action: 'add', key: '192.0.2.7', until: now, reason: 'spam', changed: true, cause: 'admin:1' } },
  instance: { type: 'instance', instance: { instanceId: 'bridge-0', peerId: PEER_ID, version: '1.2.3', dialect: 'plain', state: 'live' } },
} as const

test.each(EVENT_TYPES)('the page shows an event of type %s as the server sends it', (type) => {
  const content = { ...SAMPLES, ...OTHERS }[type]
  const event = { ...base, origin: 'network', ...content } as LogEvent
  expect(lines).toContain(toItem({ event, offset: 98n, timestamp: now + 5 }).frame)
})

test('what the page tells clients to send is understood', () => {
  const options = { types: EVENT_TYPES, defaultTypes: EVENT_TYPES, maxLast: 1000 }
  const sent = lines.filter((line) => /^\{"type":"(subscribe|unsubscribe|pong)"/.test(line))
  expect(sent.length).toBeGreaterThan(5)
  for (const line of sent) parseClientMessage(line, options, (cursor) => parseCursor(cursor)?.offset ?? null)
})

test('the page has every close code', () => {
  for (const code of Object.values(CLOSE)) expect(text).toMatch(new RegExp(`^\\| (\\d+, )*${code}\\b`, 'm'))
})
