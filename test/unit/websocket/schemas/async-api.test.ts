import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parseCursor } from '../../../../src/events/entries/cursor.ts'
import { EVENT_TYPES } from '../../../../src/events/entries/event-kinds.ts'
import { parseClientMessage } from '../../../../src/websocket/clients/client-message.ts'
import { frameFault, STREAM_DOCUMENT } from '../../../support/frame-schemas.ts'
import { fc } from '../../../support/properties.ts'

const rules = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object

test('the rules of AsyncAPI 3 find no fault in the document', () => {
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(rules)
  validate(STREAM_DOCUMENT)
  expect(validate.errors).toBeNull()
  expect(validate({ ...STREAM_DOCUMENT, channels: { a: { adress: '/' } } })).toBe(false)
})

test('what the document refers to is there', () => {
  const refs = [...JSON.stringify(STREAM_DOCUMENT).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path.split('/'))
  const at = (path: string[]) =>
    path.reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], STREAM_DOCUMENT)
  expect(refs.length).toBeGreaterThan(50)
  expect(refs.filter((path) => at(path) === undefined)).toEqual([])
})

const page = readFileSync(new URL('../../../../docs/websocket.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'))
const messages = examples.filter((line) => line.startsWith('{"type":'))

test.each(messages)('the example %.60s of the page is as the document says', (line) => {
  expect(frameFault(JSON.parse(line))).toBeNull()
})

test('the page has an example of each message and of each kind of event', () => {
  const types = messages.map((line) => JSON.parse(line) as { type: string; data?: { type: string } })
  const { send, receive } = STREAM_DOCUMENT.operations as Record<string, { messages: { $ref: string }[] }>
  const named = [send, receive].flatMap((operation) => operation?.messages ?? []).map(({ $ref }) => $ref.split('/').at(-1))
  expect(named.filter((name) => name !== 'events' && !types.some(({ type }) => type === name))).toEqual([])
  expect(EVENT_TYPES.filter((type) => !types.some(({ data }) => data?.type === type))).toEqual([])
})

test.each([
  [{ type: 'event', id: 'x', cursor: 'v1.1.00000000', data: {} }],
  [{ type: 'ping', cursor: 7, time: 1 }],
  [{ type: 'ping', cursor: null, time: 1, more: 1 }],
  [{ type: 'unheard' }],
])('the check finds %j wrong', (message) => {
  expect(frameFault(message)).not.toBeNull()
})

const HASH = 'f'.repeat(64)
const PEERS = Array.from({ length: 33 }, (_, index) => `peer${index}`)
const WRONG_KINDS: readonly unknown[] = [-1, 1.5, '', 'x', [], {}, true]

/** Values of each property on both sides of each of its bounds. */
const EDGES: Readonly<Record<string, readonly unknown[]>> = {
  types: [['block'], ['block', 'block'], [...EVENT_TYPES], ['unheard'], [1], [['block']], 'block'],
  cursor: ['v1.0.00ab12cd', 'v1.7.00ab12cd', 'v1.07.00ab12cd', 'v1.7.00AB12CD', 'v2.7.00ab12cd', 'v1.7.00ab12cd ', 7],
  since: [
    ...[0, 1, 1e9 - 1, 1e9, 1e9 + 1, 1e9 + 0.5, 1e10 - 1, 1e10, 1e10 + 0.5, 1_700_000_000_000, 8.64e15, 8.64e15 + 1, Number.MAX_VALUE],
    ...['2026-01-31', '2026-01-00', '2026-01-32', '2026-00-01', '2026-13-01', '1969-12-31', '1970-01-01', '0000-01-01', '26-01-31'],
    ...['09:00', '09:00:00', '09:00:00.123456', '23:59:59', '24:00', '24:01', '24:00:01', '09:60', '09:00:60', '9:00', ''].flatMap((time) =>
      ['', 'Z', 'z', '+01:00', '-23:59', '+24:00', '+01:60', '+0100'].flatMap((zone) =>
        ['T', 't', ' ', '  '].map((by) => `2026-01-31${by}${time}${zone}`),
      ),
    ),
    ...['yesterday', '1700000000000', ' 2026-01-31', '2026-01-31\n'],
  ],
  last: [0, 1, 1000, 1001, '1'],
  batch_ms: [0, 10_000, 10_001, '1'],
  filter: [
    ...[
      'p',
      'p'.repeat(128),
      'p'.repeat(129),
      '\u{1d11e}'.repeat(128),
      '\u{1d11e}'.repeat(129),
      'a\nb',
      PEERS.slice(1),
      PEERS,
      [''],
      [1],
    ].map((peer) => ({ peer })),
    ...[0, 2 ** 53 - 1, 2 ** 53, '1'].map((minHeight) => ({ minHeight })),
    ...['0', 'AB', HASH, `${HASH}f`, '0x', '0g', 'ab\n', 7].map((hashPrefix) => ({ hashPrefix })),
    ...['own', 'network', 'Own', 7].map((origin) => ({ origin })),
    { other: 1 },
  ],
  other: [1],
}

const OPTIONS = { types: EVENT_TYPES, defaultTypes: EVENT_TYPES, maxLast: 1000 }
function isUnderstood(message: object): boolean {
  try {
    parseClientMessage(JSON.stringify(message), OPTIONS, (cursor) => parseCursor(cursor)?.offset ?? null)
    return true
  } catch {
    return false
  }
}

test.each(Object.entries(EDGES))('the document and the server agree on each %s', (name, values) => {
  const both = [...WRONG_KINDS, ...values].map((value) => ({ type: 'subscribe', [name]: value }))
  expect(both.filter((message) => (frameFault(message) === null) !== isUnderstood(message))).toEqual([])
})

/** 30 February has the right form; a schema has no calendar. */
test('only the server knows how many days a month has', () => {
  const message = { type: 'subscribe', since: '2026-02-30' }
  expect([frameFault(message), isUnderstood(message)]).toEqual([null, false])
})

test('the document and the server agree on what stands together', () => {
  const parts = Object.fromEntries(Object.entries(EDGES).map(([name, values]) => [name, fc.constantFrom(...values)]))
  fc.assert(
    fc.property(fc.record(parts, { requiredKeys: [] }), (given) => {
      const message = { type: 'subscribe', ...given }
      expect(frameFault(message) === null).toBe(isUnderstood(message))
    }),
    { numRuns: 1000 },
  )
})
