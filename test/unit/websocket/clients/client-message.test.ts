import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ClientMessageError, parseClientMessage } from '../../../../src/websocket/clients/client-message.ts'
import { parseListenAddress } from '../../../../src/websocket/http/listen-address.ts'
import { createGate } from '../../../../src/websocket/sessions/gate.ts'

const options = { types: ['block', 'ban', 'instance'], defaultTypes: ['block', 'ban'], maxLast: 100 }
const offsetOf = (cursor: string) => (cursor === 'v1.7.aabbccdd' ? 7n : null)
const parse = (value: unknown) => parseClientMessage(JSON.stringify(value), options, offsetOf)

test('a bare subscribe is for the usual kinds, from now on', () => {
  expect(parse({ type: 'subscribe' })).toEqual({ types: new Set(['block', 'ban']), cursor: null, last: null })
})

test('takes kinds, a cursor and a number of last events', () => {
  expect(parse({ type: 'subscribe', types: ['instance'], cursor: 'v1.7.aabbccdd', last: 100 })).toEqual({
    types: new Set(['instance']),
    cursor: { text: 'v1.7.aabbccdd', offset: 7n },
    last: 100,
  })
})

test.each([
  [{ type: 'subscribe', types: [] }, 'at least one type'],
  [{ type: 'subscribe', types: 'block' }, 'must be a list'],
  [{ type: 'subscribe', types: ['block', 4] }, 'unknown type 4'],
  [{ type: 'subscribe', cursor: 7 }, 'cursor is 7'],
  [{ type: 'subscribe', last: -1 }, 'last is -1'],
  [{ type: 'subscribe', last: 1.5 }, 'last is 1.5'],
  [{ type: 'subscribe', last: 101 }, 'from 0 to 100'],
  [{ type: 'subscribe', since: 1 }, 'unknown property "since"'],
  [{}, 'type is missing'],
  [null, 'not a JSON object'],
])('refuses %j with what would be right', (value, message) => {
  expect(() => parse(value)).toThrow(message)
})

test('whatever comes is a subscription or a ClientMessageError with a short text', () => {
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

test.each([
  [':9906', { host: null, port: 9906 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  [' localhost:65535 ', { host: 'localhost', port: 65535 }],
  ['9906', null],
  ['::1:80', null],
  [':65536', null],
  ['host:', null],
])('listen address %s', (text, expected) => {
  expect(parseListenAddress(text)).toEqual(expected)
})

test('the gate lets its number in, the others in order, failures included', async () => {
  const inTurn = createGate(2)
  let running = 0
  let most = 0
  const order: number[] = []
  const task = (number: number) => async () => {
    running += 1
    most = Math.max(most, running)
    order.push(number)
    await Promise.resolve()
    running -= 1
    if (number === 1) throw new Error('one fails')
    return number
  }
  const results = await Promise.allSettled([0, 1, 2, 3, 4].map((number) => inTurn(task(number))))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  expect([most, order]).toEqual([2, [0, 1, 2, 3, 4]])
})
