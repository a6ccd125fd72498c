import { expect, test } from 'vitest'
import { createReplays } from '../../../../src/gossip/messages/replays.ts'
import { fc } from '../../../support/properties.ts'
import { createTestClock } from '../../../support/test-clock.ts'

const NS = 1_000_000n

function create() {
  const clock = createTestClock()
  const replays = createReplays({ clock })
  const nowNs = () => BigInt(clock.wall()) * NS
  const hear = (number: bigint, signer = 'node') => replays.isReplay(signer, number)
  return { clock, hear, nowNs }
}

/** A node that has been heard for ten minutes. Returns its numbers. */
function heardForLong({ clock, hear, nowNs }: ReturnType<typeof create>): bigint[] {
  const start = nowNs() - 86_400_000n * NS
  return Array.from({ length: 20 }, (_, count) => {
    const number = start + BigInt(count)
    expect(hear(number)).toBe(false)
    clock.pass(30_000)
    return number
  })
}

test('an old message of a node that counts on is recognised, and the next new one is not', () => {
  const world = create()
  const numbers = heardForLong(world)
  expect(numbers.slice(0, 12).map((number) => world.hear(number))).toEqual(Array(12).fill(true))
  expect(world.hear((numbers.at(-1) ?? 0n) + 1n)).toBe(false)
})

test('messages of the last two minutes may overtake each other', () => {
  const world = create()
  const numbers = heardForLong(world)
  expect(numbers.slice(-4).map((number) => world.hear(number))).toEqual([false, false, false, false])
})

test('a restart begins with a later time, so nothing of it is a replay', () => {
  const world = create()
  heardForLong(world)
  for (let count = 0n; count < 10n; count++) expect(world.hear(world.nowNs() - 1000n + count)).toBe(false)
})

test('a node whose clock was behind when it started again is heard after a minute', () => {
  const world = create()
  heardForLong(world)
  const start = world.nowNs() - 400_000_000n * 1000n * NS
  const heard = Array.from({ length: 40 }, (_, count) => {
    world.clock.pass(5000)
    return world.hear(start + BigInt(count))
  })
  expect(heard.indexOf(false)).toBeLessThan(20)
  expect(heard.slice(20)).toEqual(Array(20).fill(false))
})

test.each([
  ['py-libp2p, in seconds', () => 1_764_000_000n],
  ['a clock that is ahead of ours', (nowNs: bigint) => nowNs + 3_600_000n * NS],
  ['small numbers', () => 1n],
])('numbers of another form are not used: %s', (_, startOf) => {
  const world = create()
  const start = startOf(world.nowNs())
  const hearAll = () =>
    Array.from({ length: 20 }, (_, count) => {
      world.clock.pass(30_000)
      return world.hear(start + BigInt(count))
    })
  expect([...hearAll(), ...hearAll()]).toEqual(Array(40).fill(false))
})

test('a node that numbers at random is always heard', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 50, maxLength: 100 }), (numbers) => {
      const { clock, hear } = create()
      for (const number of numbers) {
        clock.pass(60_000)
        expect(hear(number)).toBe(false)
      }
    }),
    { numRuns: 200 },
  )
})

test('a node that counts is always heard, in any order within two minutes and through restarts', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ pause: fc.nat(400_000), shuffle: fc.nat(4), restarts: fc.boolean() }), { maxLength: 60 }), (steps) => {
      const { clock, hear, nowNs } = create()
      let next = nowNs()
      for (const { pause, shuffle, restarts } of steps) {
        clock.pass(pause)
        if (restarts) next = nowNs()
        const burst = Array.from({ length: shuffle + 1 }, () => ++next)
        clock.pass(1000)
        for (const number of burst.reverse()) expect(hear(number)).toBe(false)
      }
    }),
  )
})
