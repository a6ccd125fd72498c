import { expect, test } from 'vitest'
import type { BanSubject } from '../../../src/gossip/connections/connection-gater.ts'
import { eventually } from '../../support/eventually.ts'
import { areConnected, blockTopic, metric, startHost } from './start-host.ts'

/** A ban list of exact words, as changeable as the real one. */
function banList() {
  const keys = new Set<string>()
  return { keys, isBanned: ({ peerId = '', address = '' }: BanSubject) => keys.has(peerId) || keys.has(address) }
}

test.each(['peer id', 'address'])('a ban of the %s cuts an open connection and refuses it at accept until it is lifted', async (kind) => {
  const { keys, isBanned } = banList()
  const host = await startHost({ isBanned })
  const other = await startHost({ staticPeers: [host.address()] })
  await eventually(() => areConnected(blockTopic, [[host, 1], [other, 1]])) // biome-ignore format: one line reads better

  const key = kind === 'address' ? '127.0.0.1' : other.peerId
  keys.add(key)
  await host.enforceBans()
  expect(host.peers()).toEqual([])
  await eventually(() => other.peers().length === 0)
  // The other end dials again and again, and is refused each time.
  await eventually(async () => (await metric(host, 'bridge_gossip_banned_connections_total{stage="accept"}')) >= 3)
  expect(host.peers()).toEqual([])

  keys.delete(key)
  await eventually(() => areConnected(blockTopic, [[host, 1], [other, 1]])) // biome-ignore format: one line reads better
})

test.each(['peer id', 'address', 'address behind a DNS name'])('a banned %s is not dialled', async (kind) => {
  const { keys, isBanned } = banList()
  const other = await startHost()
  const address = kind.includes('DNS') ? other.address().replace('/ip4/127.0.0.1/', '/dns4/localhost/') : other.address()
  keys.add(kind === 'peer id' ? other.peerId : '127.0.0.1')
  const host = await startHost({ isBanned, staticPeers: [address] })
  await eventually(async () => (await metric(host, 'bridge_gossip_banned_connections_total{stage="dial"}')) >= 2)
  expect(other.peers()).toEqual([])

  keys.clear()
  await eventually(() => areConnected(blockTopic, [[host, 1], [other, 1]])) // biome-ignore format: one line reads better
  expect(host.peers()[0]?.address).toBe('127.0.0.1')
})

test('a ban leaves the other peers connected', async () => {
  const { keys, isBanned } = banList()
  const host = await startHost({ isBanned })
  const bad = await startHost({ staticPeers: [host.address()] })
  const good = await startHost({ staticPeers: [host.address()] })
  await eventually(() => areConnected(blockTopic, [[host, 2], [bad, 1], [good, 1]])) // biome-ignore format: one line reads better
  keys.add(bad.peerId)
  await host.enforceBans()
  await eventually(() => bad.peers().length === 0)
  expect(host.peers().map(({ peerId }) => peerId)).toEqual([good.peerId])
})
