import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { areConnected, blockTopic, bytes, metric, startHost, textsOf } from './start-host.ts'

const key = 'a1'.repeat(32)

test('hosts with the same shared key hear each other, whatever follows its first 64 characters', async () => {
  const one = await startHost({ sharedKey: key })
  const two = await startHost({ sharedKey: `${key.toUpperCase()}ffff`, staticPeers: [one.address()] })
  await eventually(() => areConnected(blockTopic, [[one, 1], [two, 1]])) // biome-ignore format: one line reads better
  await one.publish(blockTopic, bytes('secret'), { priority: 'high' })
  await eventually(() => textsOf(two).includes('secret'))
})

test.each([
  ['another key', 'b2'.repeat(32)],
  ['no key', undefined],
])('a host with %s cannot connect, and the members go on undisturbed', async (_, sharedKey) => {
  const one = await startHost({ sharedKey: key })
  const two = await startHost({ sharedKey: key, staticPeers: [one.address()] })
  await eventually(() => areConnected(blockTopic, [[one, 1], [two, 1]])) // biome-ignore format: one line reads better
  const outsider = await startHost({
    staticPeers: [one.address()],
    ...(sharedKey !== undefined && { sharedKey }),
    retryMs: 200,
    timings: { dialTimeoutMs: 500 },
  })
  await eventually(async () => (await metric(outsider, 'bridge_gossip_dials_total{kind="static",outcome="failed"}')) >= 3)
  expect(outsider.peers()).toEqual([])
  expect(one.peers().map(({ peerId }) => peerId)).toEqual([two.peerId])
  await one.publish(blockTopic, bytes('still here'), { priority: 'high' })
  await eventually(() => textsOf(two).includes('still here'))
})
