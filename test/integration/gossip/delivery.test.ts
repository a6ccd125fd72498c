import { expect, test } from 'vitest'
import { MessageTooLargeError } from '../../../src/gossip/errors.ts'
import { maxSharedBytes } from '../../../src/gossip/node/node.ts'
import { eventually } from '../../support/eventually.ts'
import { areConnected, blockTopic, bytes, meshSize, rejectedTopic, startHost, textsOf } from './start-host.ts'

test('two hosts hear each other, with the signer, the hop and its address', async () => {
  const one = await startHost()
  const two = await startHost({ staticPeers: [one.address()] })
  await eventually(() =>
    areConnected(blockTopic, [
      [one, 1],
      [two, 1],
    ]),
  )

  expect(await one.publish(blockTopic, bytes('from one'), { priority: 'high' })).toBe(1)
  expect(await two.publish(blockTopic, bytes('from two'), { priority: 'high' })).toBe(1)
  await eventually(() => one.heard.length === 1 && two.heard.length === 1)

  expect(two.heard[0]).toMatchObject({ topic: blockTopic, signer: one.peerId, hop: one.peerId, hopAddress: '127.0.0.1' })
  expect(textsOf(two)).toEqual(['from one'])
  expect(textsOf(one)).toEqual(['from two'])
  expect(two.peers()).toMatchObject([
    { peerId: one.peerId, address: '127.0.0.1', direction: 'outbound', topics: [blockTopic, 'bitcoin/regtest-rejected_tx'] },
  ])
})

test('an accepted message goes on through the middle, an ignored one does not', async () => {
  const middle = await startHost({ judge: ({ data }) => (Buffer.from(data).includes('bad') ? 'ignore' : 'accept') })
  const left = await startHost({ staticPeers: [middle.address()] })
  const right = await startHost({ staticPeers: [middle.address()] })
  await eventually(() => areConnected(blockTopic, [[middle, 2], [left, 1], [right, 1]])) // biome-ignore format: one line reads better
  // A host relays to its mesh only, and a neighbour gets into the mesh up to a heartbeat after its subscription is known.
  await eventually(async () => expect(await meshSize(middle, blockTopic)).toBe(2))

  await left.publish(blockTopic, bytes('bad'), { priority: 'high' })
  await left.publish(blockTopic, bytes('good'), { priority: 'high' })
  await eventually(() => textsOf(right).includes('good'))

  expect(textsOf(middle)).toEqual(['bad', 'good'])
  expect(textsOf(right)).toEqual(['good'])
  expect(right.heard[0]).toMatchObject({ signer: left.peerId, hop: middle.peerId })
})

test('a judge that throws or rejects ignores the message, counts it, and logs at most once a second', async () => {
  const one = await startHost()
  const two = await startHost({
    staticPeers: [one.address()],
    judge({ data }) {
      if (Buffer.from(data).includes('throw')) throw new Error('broken judge')
      return Promise.reject(new Error('broken judge'))
    },
  })
  await eventually(() => areConnected(blockTopic, [[one, 1], [two, 1]])) // biome-ignore format: one line reads better

  const startedAt = performance.now()
  for (const text of ['throw 1', 'reject 2', 'throw 3']) await one.publish(blockTopic, bytes(text), { priority: 'high' })
  await eventually(async () => (await two.registry.metrics()).includes(`outcome="error"} 3`))
  const lines = two.lines.filter(({ msg }) => msg === 'judging gossip messages failed, they are ignored').length
  expect(lines).toBeGreaterThan(0)
  expect(lines).toBeLessThanOrEqual(1 + Math.floor((performance.now() - startedAt) / 1000))
})

test('what is too large is refused before it is published, and the connection is unharmed', async () => {
  const one = await startHost()
  const two = await startHost({ staticPeers: [one.address()] })
  await eventually(() => areConnected(blockTopic, [[one, 1], [two, 1]])) // biome-ignore format: one line reads better

  await expect(one.publish(blockTopic, new Uint8Array(maxSharedBytes + 1), { priority: 'high' })).rejects.toThrow(MessageTooLargeError)
  expect(await one.publish(blockTopic, new Uint8Array(maxSharedBytes), { priority: 'high' })).toBe(1)
  expect(await one.publish(blockTopic, bytes('after'), { priority: 'high' })).toBe(1)
  await eventually(() => textsOf(two).includes('after'))
  expect(two.heard).toHaveLength(2)
})

test('recipients can be counted without siblings', async () => {
  const one = await startHost()
  const sibling = await startHost({ staticPeers: [one.address()] })
  const foreign = await startHost({ staticPeers: [one.address()] })
  await eventually(() => areConnected(blockTopic, [[one, 2], [sibling, 1], [foreign, 1]])) // biome-ignore format: one line reads better
  const countIf = (peerId: string) => peerId !== sibling.peerId
  expect(await one.publish(blockTopic, bytes('x'), { priority: 'high', countIf })).toBe(1)
  await foreign.stop()
  await eventually(() => one.subscribers(blockTopic).length === 1)
  expect(await one.publish(blockTopic, bytes('y'), { priority: 'high', countIf })).toBe(0)
})

test('among hosts that all know each other, each judges a message once', async () => {
  const one = await startHost()
  const two = await startHost({ staticPeers: [one.address()] })
  const three = await startHost({ staticPeers: [one.address(), two.address()] })
  await eventually(() => areConnected(blockTopic, [[one, 2], [two, 2], [three, 2]])) // biome-ignore format: one line reads better
  const texts = Array.from({ length: 20 }, (_, i) => `message ${i}`)
  for (const text of texts) await one.publish(blockTopic, bytes(text), { priority: 'high' })
  await one.publish(rejectedTopic, bytes('last'), { priority: 'low' })
  await eventually(() => textsOf(two).includes('last') && textsOf(three).includes('last'))
  expect(textsOf(two).filter((text) => text !== 'last')).toEqual(texts)
  expect(textsOf(three).filter((text) => text !== 'last')).toEqual(texts)
  expect(one.heard).toEqual([])
})
