import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCursor } from '../../../../src/events/entries/cursor.ts'
import { EVENT_TYPES } from '../../../../src/events/entries/event-kinds.ts'
import { parseClientMessage } from '../../../../src/websocket/clients/client-message.ts'
import { frameFault, STREAM_DOCUMENT } from '../../../support/frame-schemas.ts'

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

/** A value of the right kind, or another. */
const or = <T>(right: fc.Arbitrary<T>) => fc.oneof({ weight: 5, arbitrary: right }, fc.constantFrom(-1, 1.5, '', 'x', [], {}, true, 1e9))
const peer = fc.string({ minLength: 1, maxLength: 130 })
const filter = fc.record(
  {
    peer: or(fc.oneof(peer, fc.array(peer, { maxLength: 34 }))),
    minHeight: or(fc.nat()),
    hashPrefix: or(fc.constantFrom('00', 'AB', 'f'.repeat(64), 'f'.repeat(65), '0x')),
    origin: or(fc.constantFrom('own', 'network')),
    other: fc.constant(1),
  },
  { requiredKeys: [] },
)
const subscribe = fc.record(
  {
    types: or(fc.array(fc.constantFrom<string>(...EVENT_TYPES, 'unheard'), { maxLength: 3 })),
    filter: or(filter),
    cursor: or(fc.constantFrom('v1.7.00ab12cd', 'v1.07.00ab12cd', 'v1.7.00AB12CD', 'v2.7.00ab12cd')),
    since: or(fc.constantFrom<unknown>(0, 8.64e15, 8.64e15 + 1, '2026-01-31', '2026-01-31T09:00:00Z', '2026-01-31T09:00:00', 'yesterday')),
    last: or(fc.nat(1100)),
    batch_ms: or(fc.nat(11_000)),
    other: fc.constant(1),
  },
  { requiredKeys: [] },
)

test('the document and the server agree on what a client may say', () => {
  const options = { types: EVENT_TYPES, defaultTypes: EVENT_TYPES, maxLast: 1000 }
  const isUnderstood = (message: object) => {
    try {
      parseClientMessage(JSON.stringify(message), options, (cursor) => parseCursor(cursor)?.offset ?? null)
      return true
    } catch {
      return false
    }
  }
  fc.assert(
    fc.property(subscribe, (parts) => {
      const message = { type: 'subscribe', ...parts }
      expect(frameFault(message) === null).toBe(isUnderstood(message))
    }),
    { numRuns: 1000 },
  )
})
