import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createMemoryReputationStore } from '../../../src/reputation/memory-reputation-store.ts'
import type { PeerReports, PeerReputation, ReputationStore } from '../../../src/reputation/ports.ts'
import { NO_REPUTATION } from '../../../src/reputation/reputation.ts'
import { SharedReputations } from '../../../src/reputation/reputations.ts'
import { eventually } from '../../support/eventually.ts'

const FAST = { maxPeers: 3, writeMs: 5, readMs: 5 }

function start(store: ReputationStore, options = FAST) {
  const lines: string[] = []
  let lost = 0
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  const reputations = new SharedReputations(options, { store, log, clock: { wall: () => 1000 }, onLost: () => (lost += 1) })
  reputations.start()
  onTestFinished(() => reputations.stop())
  return { reputations, lines, lost: () => lost }
}

test('reports count at once, and are written together', async () => {
  const store = createMemoryReputationStore({ maxPeers: 3 })
  const written: (readonly PeerReports[])[] = []
  const { reputations } = start({
    ...store,
    add: (reports) => {
      written.push(reports)
      return store.add(reports)
    },
  })
  for (let count = 0; count < 100; count++) reputations.report('a', { kind: 'valid-subtree' })
  reputations.report('b', { kind: 'catchup-attempt' })
  expect(reputations.get('a')?.successes).toBe(100)
  await eventually(() => expect(written).toHaveLength(1))
  expect(written[0]?.map(({ peerId, reports }) => [peerId, reports.sum.successes])).toEqual([
    ['a', 100],
    ['b', 0],
  ])
  reputations.report('a', { kind: 'valid-subtree' })
  await reputations.stop()
  expect(written).toHaveLength(2)
  expect(reputations.get('a')?.successes).toBe(101)
})

test('reports of other instances are read, and own ones that wait are added to them', async () => {
  const changed: PeerReputation[] = [{ peerId: 'a', reputation: { ...NO_REPUTATION, successes: 7 } }]
  const store: ReputationStore = {
    ...createMemoryReputationStore({ maxPeers: 3 }),
    add: () => Promise.reject(new Error('read-only')),
    read: async () => ({ changed, cursor: 'x' }),
  }
  const { reputations } = start(store)
  reputations.report('a', { kind: 'valid-block' })
  await eventually(() => expect(reputations.get('a')?.successes).toBe(8))
})

test('while the store is away everything counts in memory, one line says so, and it is written later, once', async () => {
  const store = createMemoryReputationStore({ maxPeers: 3 })
  let isAway = true
  let tries = 0
  const { reputations, lines } = start({
    ...store,
    add: async (reports) => {
      tries += 1
      if (isAway) throw new Error('away')
      return store.add(reports)
    },
  })
  reputations.report('a', { kind: 'valid-subtree' })
  await eventually(() => expect(tries).toBeGreaterThan(2))
  reputations.report('a', { kind: 'valid-subtree' })
  await expect(reputations.reset(null)).rejects.toThrow('the reputations cannot be reset now: away')
  expect(reputations.get('a')?.successes).toBe(2)
  isAway = false
  await reputations.stop()
  expect(reputations.get('a')?.successes).toBe(2)
  expect(await store.reset('a')).toBe(1)
  expect(lines.filter((line) => line.includes('cannot be kept now')).length).toBeGreaterThan(0)
})

test('the number of peers has a bound; reports beyond it are counted as lost', () => {
  const store: ReputationStore = { ...createMemoryReputationStore({ maxPeers: 3 }), add: () => new Promise(() => {}) }
  const lost = { count: 0 }
  const log = pino({ level: 'silent' })
  const reputations = new SharedReputations(FAST, { store, log, clock: { wall: () => 1000 }, onLost: () => (lost.count += 1) })
  for (const peerId of ['a', 'b', 'c', 'd']) reputations.report(peerId, { kind: 'valid-subtree' })
  expect(lost.count).toBe(1)
  expect([...reputations.all().keys()]).toEqual(['a', 'b', 'c'])
})

test('the memory store forgets those reported least recently', async () => {
  const store = createMemoryReputationStore({ maxPeers: 2 })
  const { reputations } = start(store, { ...FAST, maxPeers: 10 })
  for (const peerId of ['a', 'b', 'c']) reputations.report(peerId, { kind: 'valid-subtree' })
  await reputations.stop()
  await store.sweep()
  expect(await store.reset(null)).toBe(2)
})
