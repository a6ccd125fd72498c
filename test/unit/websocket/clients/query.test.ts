import { expect, test } from 'vitest'
import { parsePageQuery, parseStreamQuery } from '../../../../src/websocket/clients/query.ts'

const options = { types: ['block', 'subtree'], defaultTypes: ['block'], maxLast: 1000 }
const offsetOf = (cursor: string) => (cursor.startsWith('v1.') ? 7n : null)
const stream = (query: string, lastEventId = '') => parseStreamQuery({ query, lastEventId }, options, offsetOf)
const page = (query: string) => parsePageQuery(query, options, offsetOf)

test('a query is a subscription', () => {
  expect(stream('types=block,subtree&peer=A,B&minHeight=5&hashPrefix=00ff&origin=own&since=2026-01-31T09:00:00Z&last=9')).toEqual({
    types: new Set(['block', 'subtree']),
    filter: { peer: ['A', 'B'], minHeight: 5, hashPrefix: '00ff', origin: 'own' },
    cursor: null,
    since: Date.UTC(2026, 0, 31, 9),
    last: 9,
    batchMs: 0,
  })
  expect(stream('types=&last=')).toEqual({ types: new Set(['block']), filter: null, cursor: null, since: null, last: null, batchMs: 0 })
})

test('the last event that a stream has seen takes the place of its beginning', () => {
  const cursor = { text: 'v1.7.0a1b2c3d', offset: 7n }
  expect(stream('types=subtree&since=0&last=9', 'v1.7.0a1b2c3d')).toMatchObject({
    cursor,
    since: null,
    last: null,
    types: new Set(['subtree']),
  })
})

test('a page begins after a cursor or at a time; without them it is the last one', () => {
  expect(page('')).toMatchObject({ limit: 100, subscription: { last: 100 } })
  expect(page('limit=5&cursor=v1.7.0a1b2c3d')).toMatchObject({ limit: 5, subscription: { last: null, cursor: { offset: 7n } } })
  expect(page('limit=5&since=12')).toMatchObject({ limit: 5, subscription: { last: null, since: 12 } })
})

test.each([
  'limit=0',
  'limit=1001',
  'limit=1e2',
  'limit=5&limit=6',
  'batch_ms=5',
  'minHeight=x',
  'since=12.5',
  'types=block,,subtree',
  '__proto__=1',
])('a page with %s is refused', (query) => expect(() => page(query)).toThrow(expect.objectContaining({ code: 'BRIDGE_CLIENT_MESSAGE' })))
