import { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Uint8ArrayList } from 'uint8arraylist'
import { expect, test } from 'vitest'
import { gatherWrites } from '../../../../../src/gossip/node/transport/one-write.ts'

/** A connection as @libp2p/tcp has it. `written` has the bytes of each write, which a test may hold up. */
function connection({ isSlow = false } = {}) {
  const written: string[] = []
  let done: () => void = () => {}
  const take = (bytes: Buffer, callback: () => void) => {
    written.push(bytes.toString())
    if (isSlow) done = callback
    else callback()
  }
  const socket = new Writable({
    highWaterMark: 16,
    write: (chunk, _, callback) => take(chunk, callback),
    writev: (chunks, callback) => take(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback),
  })
  const one = {
    socket,
    sendData(data: Uint8ArrayList) {
      let sentBytes = 0
      for (const part of data) {
        sentBytes += part.byteLength
        if (!socket.write(part)) return { sentBytes, canSendMore: false }
      }
      return { sentBytes, canSendMore: true }
    },
  }
  gatherWrites(one)
  const send = (...parts: string[]) => one.sendData(new Uint8ArrayList(...parts.map((part) => Buffer.from(part))))
  return { socket, send, written, done: () => done() }
}

test('what is sent in a turn is one write, in order, and the next turn has its own', async () => {
  const { send, written } = connection()
  send('a', 'bc')
  send('d')
  await Promise.resolve().then(() => send('e'))
  expect(written).toEqual([])
  await nextTurn()
  send('f')
  await nextTurn()
  expect(written).toEqual(['abcde', 'f'])
})

test('a turn with much to send writes before the socket asks to wait', async () => {
  const { send, written } = connection()
  const answers = Array.from({ length: 10 }, (_, index) => send(`${index}`.repeat(6)))
  expect(answers.every(({ canSendMore }) => canSendMore)).toBe(true)
  expect(written.join('')).toBe('000000111111222222333333444444555555666666777777')
  await nextTurn()
  expect(written.join('')).toHaveLength(60)
})

test('a socket that takes no more says so, and goes on when it has written', async () => {
  const { socket, send, written, done } = connection({ isSlow: true })
  let drains = 0
  socket.on('drain', () => (drains += 1))
  send('1234567890')
  await nextTurn()
  expect(send('abcdefghij').canSendMore).toBe(false)
  await nextTurn()
  expect([written, drains]).toEqual([['1234567890'], 0])
  done()
  done()
  await nextTurn()
  expect([written.join(''), drains]).toEqual(['1234567890abcdefghij', 1])
})

test('a socket that is ended in the same turn still writes', async () => {
  const { socket, send, written } = connection()
  send('last', 'words')
  socket.end()
  await nextTurn()
  expect(written).toEqual(['lastwords'])
})
