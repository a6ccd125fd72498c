import { expect, test } from 'vitest'
import type { Announcement } from '../../../src/messages/announcement.ts'
import { createKnownPeers } from '../../../src/peers/known-peers.ts'

const blockWith = (header: string | null): Announcement => ({ type: 'block', block: { hash: 'ab', height: 1, header, dataHubUrl: '' } })
const proof = blockWith('00'.repeat(80))

test('an announcement without proof of work makes nobody known', () => {
  const known = createKnownPeers()
  known.announced(blockWith(null), 'a')
  known.announced({ type: 'subtree', subtree: { hash: 'ab', dataHubUrl: '' } }, 'b')
  expect(known.all()).toEqual([])
})

test('peers of the settings and those that proved work are known, and each is told once', () => {
  const known = createKnownPeers()
  const told: string[] = []
  const stop = known.onNew((peerId) => told.push(peerId))
  known.list('static')
  known.list('static')
  known.announced(proof, 'static')
  known.announced(proof, 'useful')
  known.announced(proof, 'useful')
  stop()
  known.announced(proof, 'later')
  expect(told).toEqual(['static', 'useful'])
  expect(known.all()).toEqual(['static', 'useful', 'later'])
  expect([known.has('static'), known.has('useful'), known.has('stranger')]).toEqual([true, true, false])
})

test('useful peers are bounded: the one that was useful longest ago goes, and never one of the settings', () => {
  const known = createKnownPeers({ maxUseful: 2 })
  const told: string[] = []
  known.onUnlisted((peerId) => told.push(peerId))
  known.list('static')
  for (const peerId of ['static', 'a', 'b', 'a', 'c']) known.announced(proof, peerId)
  expect(known.all()).toEqual(['static', 'a', 'c'])
  expect(told).toEqual(['b']) // so that it loses its tag
})

test('a peer that the settings no longer name is told, and stays known only for its announcements', () => {
  const known = createKnownPeers()
  const told: string[] = []
  known.onUnlisted((peerId) => told.push(peerId))
  for (const peerId of ['a', 'b', 'c']) known.list(peerId)
  known.announced(proof, 'b')
  known.relist(['c', 'd'])
  expect(told).toEqual(['a', 'b'])
  expect(known.all()).toEqual(['c', 'd', 'b'])
})
