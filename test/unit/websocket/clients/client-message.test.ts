import { expect, test } from 'vitest'
import { parseClientMessage, type Subscription } from '../../../../src/websocket/clients/client-message.ts'
import { ClientMessageError } from '../../../../src/websocket/clients/message-error.ts'
import { fc } from '../../../support/properties.ts'

const options = { types: ['block', 'ban', 'instance'], defaultTypes: ['block', 'ban'], maxLast: 100 }
const offsetOf = (cursor: string) => (cursor === 'v1.7.aabbccdd' ? 7n : null)
const parse = (value: unknown): Subscription => {
  const message = parseClientMessage(JSON.stringify(value), options, offsetOf)
  return message.type === 'subscribe' ? message.subscription : expect.fail()
}

test('a subscribe without properties is for the default kinds, from now on', () => {
  expect(parse({ type: 'subscribe' })).toEqual({
    types: new Set(['block', 'ban']),
    cursor: null,
    since: null,
    last: null,
    filter: null,
    batchMs: 0,
  })
})

test('accepts kinds, a cursor and a number of last events', () => {
  expect(parse({ type: 'subscribe', types: ['instance'], cursor: 'v1.7.aabbccdd', last: 100 })).toEqual({
    types: new Set(['instance']),
    cursor: { text: 'v1.7.aabbccdd', offset: 7n },
    since: null,
    last: 100,
    filter: null,
    batchMs: 0,
  })
})

test('a filter has any of its parts, and one without parts is none', () => {
  const filter = { peer: 'p', minHeight: 7, hashPrefix: '00AB', origin: 'own' }
  expect(parse({ type: 'subscribe', filter }).filter).toEqual({ peer: ['p'], minHeight: 7, hashPrefix: '00ab', origin: 'own' })
  expect(parse({ type: 'subscribe', filter: { minHeight: 7 } }).filter).toEqual({
    peer: null,
    minHeight: 7,
    hashPrefix: null,
    origin: null,
  })
  expect(parse({ type: 'subscribe', filter: {} }).filter).toBeNull()
})

test.each([
  [1_751_879_600_000, 1_751_879_600_000],
  [0, 0],
  ['2026-01-31T09:00:00Z', Date.UTC(2026, 0, 31, 9)],
  ['2026-01-31T09:00:00.5678Z', Date.UTC(2026, 0, 31, 9, 0, 0, 567)],
  ['2026-01-31T09:00+01:00', Date.UTC(2026, 0, 31, 8)],
  ['2026-01-31', Date.UTC(2026, 0, 31)],
])('since %j is a time', (since, ms) => {
  expect(parse({ type: 'subscribe', since })).toMatchObject({ since: ms })
})

test.each([
  [{ type: 'subscribe', types: [] }, 'at least one type'],
  [{ type: 'subscribe', types: 'block' }, 'must be a list'],
  [{ type: 'subscribe', types: ['block', 4] }, 'unknown type 4'],
  [{ type: 'subscribe', cursor: 7 }, 'cursor is 7'],
  [{ type: 'subscribe', last: -1 }, 'last is -1'],
  [{ type: 'subscribe', last: 1.5 }, 'last is 1.5'],
  [{ type: 'subscribe', last: 101 }, 'from 0 to 100'],
  [{ type: 'subscribe', hash: 'ab' }, 'unknown property "hash"'],
  [{ type: 'subscribe', since: 'yesterday' }, 'since is "yesterday"'],
  [{ type: 'subscribe', since: -1 }, 'since is -1'],
  ...[
    '2026-01-31T09:00:00', // another moment on each machine
    '2026-01-31T09:00',
    '2026-02-31T09:00:00Z',
    '2026-01-31T24:01:00Z',
    '2026-01-31T09:00:00 UTC',
    '2026-01',
    '1751879600000',
    '1969-12-31T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    '',
  ].map((since): [object, string] => [{ type: 'subscribe', since }, `since is "${since}"`]),
  [{ type: 'subscribe', since: 1.5 }, 'since is 1.5'],
  [{ type: 'subscribe', since: 1_767_225_600 }, 'looks like seconds; it must be milliseconds since the epoch, like 1767225600000'],
  [{ type: 'subscribe', since: 8.64e15 + 1 }, 'since is 8640000000000001'],
  [{ type: 'subscribe', batch_ms: 10_001 }, 'batch_ms is 10001'],
  [{ type: 'subscribe', filter: 'x' }, 'filter is "x"'],
  [{ type: 'subscribe', filter: { height: 1 } }, 'unknown filter "height"'],
  [{ type: 'subscribe', filter: { peer: [] } }, 'peer is []'],
  [{ type: 'subscribe', filter: { peer: Array(33).fill('p') } }, 'a list of 1 to 32'],
  [{ type: 'subscribe', filter: { minHeight: -1 } }, 'minHeight is -1'],
  [{ type: 'subscribe', filter: { hashPrefix: '0x00' } }, 'hashPrefix is "0x00"'],
  [{ type: 'subscribe', filter: { origin: 'mine' } }, 'origin is "mine"'],
  [{ type: 'subscribe', since: 1, cursor: 'v1.7.aabbccdd' }, 'a cursor or since, not both'],
  [{}, 'type is missing'],
  [null, 'not a JSON object'],
])('refuses %j and names the correct form', (value, message) => {
  expect(() => parse(value)).toThrow(message)
})

test('any text is a subscription or a ClientMessageError with a short message', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        parseClientMessage(text, options, offsetOf)
      } catch (error) {
        expect(error).toBeInstanceOf(ClientMessageError)
        expect(String(error).length).toBeLessThan(400)
      }
    }),
  )
})
