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

test('a kind without listeners is unheard after a while, if peers listen to another kind', () => {
  const { time, unheard } = kindsHeardBy('block')
  time.now = 2999
  expect(unheard.isUnheard('mining-on')).toBe(false)
  time.now = 3000
  expect(unheard.isUnheard('mining-on')).toBe(true)
  expect(unheard.isUnheard('block')).toBe(false)
})

test('no kind is unheard while no peer listens to any', () => {
  const { time, unheard } = kindsHeardBy()
  time.now = 60_000
  expect(unheard.isUnheard('mining-on')).toBe(false)
})

test('the time starts again after a peer listened, and after all peers left', () => {
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
