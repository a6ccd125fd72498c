import { expect, test } from 'vitest'
import { UnheardKinds } from '../../../src/gossip/unheard-kinds.ts'

function kindsHeardBy(...initially: string[]) {
  const heard = new Set(initially)
  const time = { now: 0 }
  const unheard = new UnheardKinds(
    { kinds: ['block', 'mining-on'], afterMs: 3000 },
    { isHeard: (kind) => heard.has(kind), clock: { steady: () => time.now } },
  )
  unheard.peersChanged()
  return { heard, time, unheard }
}

test('a kind that nobody listens to while peers listen to another is unheard after a while', () => {
  const { time, unheard } = kindsHeardBy('block')
  time.now = 2999
  expect(unheard.isUnheard('mining-on')).toBe(false)
  time.now = 3000
  expect(unheard.isUnheard('mining-on')).toBe(true)
  expect(unheard.isUnheard('block')).toBe(false)
})

test('while nobody listens to anything, no kind is unheard', () => {
  const { time, unheard } = kindsHeardBy()
  time.now = 60_000
  expect(unheard.isUnheard('mining-on')).toBe(false)
})

test('the time counts anew after somebody listened, and after all peers were gone', () => {
  const { heard, time, unheard } = kindsHeardBy('block')
  time.now = 5000
  heard.add('mining-on')
  unheard.peersChanged()
  heard.delete('mining-on')
  unheard.peersChanged()
  time.now = 7999
  expect(unheard.isUnheard('mining-on')).toBe(false)
  time.now = 8000
  expect(unheard.isUnheard('mining-on')).toBe(true)
  heard.clear()
  unheard.peersChanged()
  heard.add('block')
  expect(unheard.isUnheard('mining-on')).toBe(false)
})
