import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ClientMessageError, parseClientMessage } from '../../../../src/websocket/clients/client-message.ts'

const options = { types: ['block', 'ban', 'instance'], defaultTypes: ['block', 'ban'], maxLast: 100 }
const offsetOf = (cursor: string) => (cursor === 'v1.7.aabbccdd' ? 7n : null)
const parse = (value: unknown) => parseClientMessage(JSON.stringify(value), options, offsetOf)

test('a subscribe without properties is for the default kinds, from now on', () => {
  expect(parse({ type: 'subscribe' })).toEqual({ types: new Set(['block', 'ban']), cursor: null, since: null, last: null })
})

test('accepts kinds, a cursor and a number of last events', () => {
  expect(parse({ type: 'subscribe', types: ['instance'], cursor: 'v1.7.aabbccdd', last: 100 })).toEqual({
    types: new Set(['instance']),
    cursor: { text: 'v1.7.aabbccdd', offset: 7n },
    since: null,
    last: 100,
  })
})

test.each([
  [1_751_879_600_000, 1_751_879_600_000],
  ['2026-01-31T09:00:00Z', Date.UTC(2026, 0, 31, 9)],
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
