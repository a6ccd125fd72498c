import '../../../../src/lifecycle/promise-with-resolvers.ts'
import type { Stream } from '@libp2p/interface'
import { byteStream, streamPair } from '@libp2p/utils'
import { expect, test } from 'vitest'
import { readStream } from '../../../../src/gossip/node/read-stream.ts'
import { eventually } from '../../../support/eventually.ts'

const bytes = (text: string) => Buffer.from(text)
const LIMIT = { maxBytes: 100 }

async function pair(): Promise<[sender: Stream, reader: Stream]> {
  const [sender, reader] = await streamPair()
  return [sender, reader]
}

async function read(stream: Stream): Promise<string | undefined> {
  return (await readStream(stream, LIMIT))?.toString()
}

test('reads what comes in pieces, up to the end', async () => {
  const [sender, reader] = await pair()
  const reading = read(reader)
  for (const piece of ['one', ' ', 'two']) sender.send(bytes(piece))
  await sender.close()
  expect(await reading).toBe('one two')
})

test('reads what came, and ended, before the reading begins', async () => {
  const [sender, reader] = await pair()
  sender.send(bytes('early'))
  await sender.close()
  await eventually(() => reader.remoteWriteStatus === 'closed')
  expect(await read(reader)).toBe('early')
})

test('reads what came together with the negotiation of the protocol', async () => {
  const [sender, reader] = await pair()
  const negotiation = byteStream(reader)
  sender.send(bytes('namedata'))
  await sender.close()
  expect(Buffer.from((await negotiation.read({ bytes: 4 })).subarray()).toString()).toBe('name')
  await eventually(() => reader.remoteWriteStatus === 'closed')
  negotiation.unwrap()
  expect(await read(reader)).toBe('data')
})

test('an empty stream that has ended is read as nothing', async () => {
  const [sender, reader] = await pair()
  await sender.close()
  await eventually(() => reader.remoteWriteStatus === 'closed')
  expect(await read(reader)).toBe('')
})

test('more than the limit is undefined, and the limit itself is taken', async () => {
  for (const [length, expected] of [
    [100, 100],
    [101, undefined],
  ] as const) {
    const [sender, reader] = await pair()
    const reading = read(reader)
    sender.send(bytes('x'.repeat(length)))
    await sender.close()
    expect((await reading)?.length).toBe(expected)
  }
})

test('stops when what has come is complete, and leaves no listener', async () => {
  const [sender, reader] = await pair()
  const reading = readStream(reader, { ...LIMIT, isComplete: (part) => part.toString() === 'all' })
  sender.send(bytes('all'))
  expect((await reading)?.toString()).toBe('all')
  sender.send(bytes('more'))
  await eventually(() => reader.readBufferLength === 4)
})

test.each(['sender', 'reader'] as const)('rejects when the %s aborts the stream', async (side) => {
  const [sender, reader] = await pair()
  const reading = read(reader)
  const ended = expect(reading).rejects.toThrow()
  const aborted = side === 'sender' ? sender : reader
  aborted.abort(new Error('enough'))
  await ended
})
