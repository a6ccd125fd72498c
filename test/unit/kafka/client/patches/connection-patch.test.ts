import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { patchConnection } from '../../../../../src/kafka/client/patches/connection-patch.ts'
import { eventually } from '../../../../support/eventually.ts'

const require = createRequire(import.meta.url)
const Connection = require('kafkajs/src/network/connection')
const Encoder = require('kafkajs/src/protocol/encoder')

beforeAll(() => {
  patchConnection()
  patchConnection()
})

class FakeSocket extends EventEmitter {
  written = 0
  write() {
    this.written += 1
  }
  end() {}
  unref() {}
  destroy(error: Error) {
    this.emit('error', error)
  }
}

/** A connection whose sockets the test plays, and a request whose result is the payload of its answer. */
function connection() {
  const sockets: FakeSocket[] = []
  const logger = { namespace: () => ({ debug() {}, error() {}, warn() {} }) }
  const socketFactory = ({ onConnect }: { onConnect: () => void }) => {
    const socket = new FakeSocket()
    sockets.push(socket)
    process.nextTick(onConnect)
    return socket
  }
  const made = new Connection({ host: 'broker', port: 9092, logger, socketFactory, requestTimeout: 60_000, connectionTimeout: 60_000 })
  onTestFinished(() => made.requestQueue.destroy())
  const ask = (): Promise<string> =>
    made.send({
      request: { apiKey: 3, apiName: 'Metadata', apiVersion: 1, encode: async () => new Encoder() },
      response: { decode: async (payload: Buffer) => ({ text: payload.toString() }), parse: async ({ text }: { text: string }) => text },
    })
  return { made, sockets, ask }
}

function frame(correlationId: number, text: string, length = 4 + text.length): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt32BE(length)
  head.writeInt32BE(correlationId, 4)
  return Buffer.concat([head, Buffer.from(text)])
}

test.each([0, 3, -1, -4, -5, -8, -(2 ** 31), 2 ** 31 - 1])(
  'an answer with the length %d ends the connection, and its request rejects',
  async (length) => {
    const { made, sockets, ask } = connection()
    await made.connect()
    const answer = ask()
    const rejected = expect(answer).rejects.toThrow('what broker:9092 sends is no answer of Kafka')
    await eventually(() => expect(sockets[0]?.written).toBe(1))
    expect(() => sockets[0]?.emit('data', frame(7, 'text', length))).not.toThrow()
    await rejected
    expect(made.isConnected()).toBe(false)
  },
)

test('a server of another protocol ends the connection, also one whose first bytes come one by one', async () => {
  const { made, sockets, ask } = connection()
  await made.connect()
  const answer = ask()
  const rejected = expect(answer).rejects.toThrow('what broker:9092 sends is no answer of Kafka')
  await eventually(() => expect(sockets[0]?.written).toBe(1))
  for (const byte of Buffer.from('HTTP/1.1 400 Bad Request')) sockets[0]?.emit('data', Buffer.of(byte))
  await rejected
  expect(made.isConnected()).toBe(false)
})

test('a new connection does not continue an answer that the one before it received in part', async () => {
  const { made, sockets, ask } = connection()
  await made.connect()
  sockets[0]?.emit('data', frame(0, 'the first half of an answer').subarray(0, 20))
  sockets[0]?.emit('error', new Error('reset'))
  await eventually(() => expect(made.isConnected()).toBe(false))
  await made.connect()
  const answer = ask()
  await eventually(() => expect(sockets[1]?.written).toBe(1))
  sockets[1]?.emit('data', frame(0, 'whole'))
  expect(await answer).toBe('whole')
})
