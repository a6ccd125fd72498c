import type { Connection, Stream } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { DIRECT_PROTOCOL, type DirectObject, MAX_OBJECT_BYTES, MAX_STREAMS_PER_PEER } from '../../../src/gossip/messages/direct-streams.ts'
import { eventually } from '../../support/eventually.ts'
import { blockTopic, bytes, metric, startHost, startStranger } from './start-host.ts'

const streams = (outcome: string) => `bridge_gossip_direct_streams_total{outcome="${outcome}"}`

test('an object reaches the other host with its peer id, and a subscription is told', async () => {
  const objects: DirectObject[] = []
  const subscribed: [string, readonly string[]][] = []
  const one = await startHost({ onDirectObject: (object) => objects.push(object) })
  const two = await startHost({ staticPeers: [one.address()], onSubscribed: (peerId, topics) => subscribed.push([peerId, topics]) })
  await eventually(() => subscribed.some(([peerId, topics]) => peerId === one.peerId && topics.includes(blockTopic)))
  await two.send(one.peerId, bytes('{"type":"version"}'))
  await eventually(() => objects.length === 1)
  expect(objects[0]).toMatchObject({ peerId: two.peerId, address: '127.0.0.1' })
  expect(Buffer.from(objects[0]?.data ?? []).toString()).toBe('{"type":"version"}')
  expect(await metric(one, streams('received'))).toBe(1)
})

test('nothing is dialled to send an object', async () => {
  const [one, two] = [await startHost(), await startHost()]
  await expect(two.send(one.peerId, bytes('{}'))).rejects.toThrow('is not connected')
})

test('an object above the limit is refused, and one at the limit is taken', async () => {
  const objects: DirectObject[] = []
  const host = await startHost({ onDirectObject: (object) => objects.push(object) })
  const stranger = await startStranger(host)
  const open = () => stranger.getConnections()[0]?.newStream(DIRECT_PROTOCOL)
  const large = await open()
  large?.send(new Uint8Array(MAX_OBJECT_BYTES + 1))
  await eventually(async () => (await metric(host, streams('too-large'))) === 1)
  const good = await open()
  good?.send(new Uint8Array(MAX_OBJECT_BYTES))
  await good?.close()
  await eventually(() => objects.length === 1)
})

test('streams that send nothing are few, and end', async () => {
  const host = await startHost({ directTimeoutMs: 500 })
  const stranger = await startStranger(host)
  const [connection] = stranger.getConnections()
  const opened = await Promise.allSettled(
    Array.from({ length: 30 }, () => connection?.newStream(DIRECT_PROTOCOL, { maxOutboundStreams: 100 })),
  )
  expect(opened.length).toBe(30)
  const onHost = () =>
    stranger
      .getConnections()
      .flatMap(({ streams: list }) => list.filter(({ protocol, status }) => protocol === DIRECT_PROTOCOL && status === 'open'))
  await eventually(async () => (await metric(host, streams('failed'))) >= MAX_STREAMS_PER_PEER)
  await eventually(() => onHost().length === 0)
})

/** As Go sends it when it knows the peer's protocols: the negotiation, the object and the end of the stream at once. */
async function sendAtOnce(connection: Connection | undefined, object: string): Promise<Stream> {
  const { muxer } = connection as unknown as { muxer: { createStream(): Promise<Stream> } }
  const stream = await muxer.createStream()
  const line = (text: string) => Buffer.from(`${String.fromCharCode(text.length + 1)}${text}\n`)
  stream.send(Buffer.concat([line('/multistream/1.0.0'), line(DIRECT_PROTOCOL), Buffer.from(object)]))
  await stream.close()
  return stream
}

test('an object whose stream has ended before it is read is received', async () => {
  const objects: DirectObject[] = []
  const host = await startHost({ onDirectObject: (object) => objects.push(object) })
  const stranger = await startStranger(host)
  for (const number of [1, 2, 3]) await sendAtOnce(stranger.getConnections()[0], `{"number":${number}}`)
  await eventually(() => objects.length === 3)
  expect(objects.map(({ data }) => Buffer.from(data).toString()).sort()).toEqual(['{"number":1}', '{"number":2}', '{"number":3}'])
  expect(await metric(host, streams('failed'))).toBe(0)
})
