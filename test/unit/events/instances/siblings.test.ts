import { describe, expect, it } from 'vitest'
import { Siblings } from '../../../../src/events/instances/siblings.ts'
import { INSTANCE_RECORD_LIFETIME_MS } from '../../../../src/events/timings.ts'
import { rank } from '../../../../src/events/writing/rank.ts'

const state = (instanceId: string, value: 'live' | 'gone' = 'live', peerId: string | null = `peer-${instanceId}`) =>
  ({ instanceId, peerId, version: '1', dialect: 'plain', state: value }) as const

function siblings() {
  const made = new Siblings({ instanceId: 'own', recordLifetimeMs: INSTANCE_RECORD_LIFETIME_MS })
  const observe = (instance: ReturnType<typeof state>, timestamp: number) => {
    made.advance(timestamp)
    made.observe(instance)
  }
  return Object.assign(made, { see: observe })
}

describe('the instances of a bridge', () => {
  it('are those with a record in the last 150 s of the event log, and always the own one', () => {
    const known = siblings()
    expect(known.live()).toEqual(['own'])
    known.see(state('b'), 0)
    known.see(state('a'), 100_000)
    expect(known.live()).toEqual(['a', 'b', 'own'])
    known.advance(150_000)
    expect(known.live()).toEqual(['a', 'b', 'own'])
    known.advance(150_001)
    expect(known.live()).toEqual(['a', 'own'])
    expect(known.isSibling('peer-b')).toBe(false)
    known.see(state('b'), 150_002)
    expect(known.live()).toEqual(['a', 'b', 'own'])
  })

  it('are gone at once after a clean stop, while their last gossip still counts as ours', () => {
    const known = siblings()
    known.see(state('a'), 0)
    known.see(state('a', 'gone'), 1)
    expect(known.live()).toEqual(['own'])
    expect(known.isSibling('peer-a')).toBe(true)
    known.advance(150_002)
    expect(known.isSibling('peer-a')).toBe(false)
  })

  it('are listed with version and the time of their last record', () => {
    const known = siblings()
    known.see(state('b', 'live', null), 1000)
    known.see(state('a'), 2000)
    known.see(state('c', 'gone'), 3000)
    expect(known.instances()).toEqual([
      { instanceId: 'a', peerId: 'peer-a', version: '1', heardAt: 2000 },
      { instanceId: 'b', peerId: null, version: '1', heardAt: 1000 },
    ])
  })

  it('have peer ids, the own one among them, unless they have no host', () => {
    const known = siblings()
    known.see(state('own'), 0)
    known.see(state('edge', 'live', null), 0)
    known.see(state('a'), 0)
    expect(known.peerIdOf('own')).toBe('peer-own')
    expect(known.peerIdOf('edge')).toBeNull()
    expect(known.peerIdOf('unknown')).toBeNull()
    expect(known.isSibling('peer-own')).toBe(true)
    expect(known.isSibling('stranger')).toBe(false)
  })

  it('do not come back to life when the broker’s clock steps back', () => {
    const known = siblings()
    known.see(state('a'), 0)
    known.advance(200_000)
    known.see(state('b'), 100_000)
    known.advance(250_000)
    expect(known.live()).toEqual(['b', 'own'])
  })
})

describe('two processes with one instance id', () => {
  const of = (startId: string, value: 'live' | 'gone' = 'live') => ({ ...state('a', value, `peer-${startId}`), startId })

  it('have two peer ids, and both are ours: what only one of them hears has not reached the network', () => {
    const known = siblings()
    known.see(of('first'), 0)
    known.see(of('second'), 1)
    known.see(of('second', 'gone'), 2)
    known.see(of('first'), 3)
    expect([known.isSibling('peer-first'), known.isSibling('peer-second')]).toEqual([true, true])
    expect(known.live()).toEqual(['a', 'own'])
    expect(known.livePeerIds()).toEqual(['peer-first'])
  })

  it('are one process that was started again until the first is heard again', () => {
    const known = siblings()
    known.see(of('first'), 0)
    known.see(of('second'), 1)
    expect(known.livePeerIds()).toEqual(['peer-second'])
    expect(known.peerIdOf('a')).toBe('peer-second')
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

  it('is 1 for an instance that knows no other, or does not know itself yet', () => {
    expect(rank('event', { instanceId: 'a', live: [] })).toBe(1)
    expect(rank('event', { instanceId: 'a', live: ['a'] })).toBe(1)
  })
})
