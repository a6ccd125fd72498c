import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createClientSockets } from '../../../../src/kafka/client/client-sockets.ts'

const OPTIONS = { host: 'kafka-1', port: 9092, ssl: {}, onConnect: () => {} }
const CLOSED = 'this client of Kafka is closed'

function setUp() {
  const errors: string[] = []
  const sockets = createClientSockets(() => new PassThrough().on('error', ({ message }) => errors.push(message)) as unknown as Socket)
  return { sockets, open: () => sockets.open(OPTIONS), errors }
}

test('at the end open sockets are destroyed with an error, and no other is opened', async () => {
  const { sockets, open, errors } = setUp()
  const socket = open()
  sockets.end()
  await new Promise(setImmediate)
  expect([socket.destroyed, errors]).toEqual([true, [CLOSED]])
  expect(open).toThrow(CLOSED)
})

test('one that was ended in order is left to the broker', () => {
  const { sockets, open } = setUp()
  const socket = open()
  socket.end()
  sockets.end()
  expect(socket.destroyed).toBe(false)
})

test('a client that refuses sockets keeps those that it has', () => {
  const { sockets, open } = setUp()
  const socket = open()
  sockets.refuse()
  expect(open).toThrow(CLOSED)
  expect(socket.destroyed).toBe(false)
})
