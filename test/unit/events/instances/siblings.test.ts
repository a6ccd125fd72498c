import { describe, expect, it } from 'vitest'
import { SIBLING_RECORD_LIFETIME_MS, Siblings } from '../../../../src/events/instances/siblings.ts'
import { rank } from '../../../../src/events/writing/rank.ts'

const state = (instanceId: string, value: 'live' | 'gone' = 'live', peerId: string | null = `peer-${instanceId}`) =>
  ({ instanceId, peerId, version: '1', dialect: 'plain', state: value }) as const

function siblings() {
  return new Siblings({ instanceId: 'own', recordLifetimeMs: SIBLING_RECORD_LIFETIME_MS })
}

describe('the instances of a bridge', () => {
  it('are those with a record in the last 150 s of the log, and the own one always', () => {
    const known = siblings()
    expect(known.live()).toEqual(['own'])
    known.observe(state('b'), 0)
    known.observe(state('a'), 100_000)
    expect(known.live()).toEqual(['a', 'b', 'own'])
    known.advance(150_000)
    expect(known.live()).toEqual(['a', 'b', 'own'])
    known.advance(150_001)
    expect(known.live()).toEqual(['a', 'own'])
    expect(known.isSibling('peer-b')).toBe(false)
    known.observe(state('b'), 150_002)
    expect(known.live()).toEqual(['a', 'b', 'own'])
  })

  it('are gone at once after a clean stop, while their last gossip still counts as ours', () => {
    const known = siblings()
    known.observe(state('a'), 0)
    known.observe(state('a', 'gone'), 1)
    expect(known.live()).toEqual(['own'])
    expect(known.isSibling('peer-a')).toBe(true)
    known.advance(150_002)
    expect(known.isSibling('peer-a')).toBe(false)
  })

  it('have peer ids, the own one among them, unless they have no host', () => {
    const known = siblings()
    known.observe(state('own'), 0)
    known.observe(state('edge', 'live', null), 0)
    known.observe(state('a'), 0)
    expect(known.peerIds()).toEqual(['peer-a', 'peer-own'])
    expect(known.isSibling('peer-own')).toBe(true)
    expect(known.isSibling('stranger')).toBe(false)
  })

  it('do not come back to life when the clock of the log steps back', () => {
    const known = siblings()
    known.observe(state('a'), 0)
    known.advance(200_000)
    known.observe(state('b'), 100_000)
    known.advance(250_000)
    expect(known.live()).toEqual(['b', 'own'])
  })
})

describe('the rank of an instance for an event', () => {
  const live = ['a', 'b', 'c', 'd', 'e']
  const ids = Array.from({ length: 2000 }, (_, index) => `event-${index}`)

  it('is one for each instance, the last ones apart', () => {
    for (const id of ids.slice(0, 100)) {
      const ranks = live.map((instanceId) => rank(id, { instanceId, live }))
      expect(ranks.toSorted()).toEqual([1, 2, 3, 3, 3])
    }
  })

  it('gives the first turn to each instance about equally often', () => {
    for (const instanceId of live) {
      const first = ids.filter((id) => rank(id, { instanceId, live }) === 1).length
      expect(first).toBeGreaterThan(300)
      expect(first).toBeLessThan(500)
    }
  })

  it('is 1 for an instance that knows of no other, or does not know of itself yet', () => {
    expect(rank('event', { instanceId: 'a', live: [] })).toBe(1)
    expect(rank('event', { instanceId: 'a', live: ['a'] })).toBe(1)
  })
})
