import { expect, test } from 'vitest'
import { WorkTurns } from '../../../../../src/gossip/router/guard/work-turns.ts'

/** A clock and an event loop, both moved by hand. */
function createLoop() {
  let time = 0
  const next: (() => void)[] = []
  return {
    turns: new WorkTurns({ now: () => time, nextTurn: (callback) => next.push(callback) }),
    pass: (ms: number) => {
      time += ms
    },
    /** The next turn of the event loop, with all its microtasks. */
    async turn(): Promise<void> {
      for (const callback of next.splice(0)) callback()
      await new Promise(setImmediate)
    },
    isWaiting: () => next.length > 0,
  }
}

test('work goes on until the time of the turn is used up, and again in the next turn', async () => {
  const { turns, pass, turn } = createLoop()
  expect(turns.mayWork()).toBe(true)
  pass(9)
  expect(turns.mayWork()).toBe(true)
  pass(1)
  expect(turns.mayWork()).toBe(false)
  await turn()
  expect(turns.mayWork()).toBe(true)
})

test('a neighbour with one piece waits for one piece of each of the others, not for all that a flood brings', async () => {
  const { turns, pass, turn } = createLoop()
  const done: string[] = []
  const work = async (name: string, pieces: number) => {
    for (let piece = 0; piece < pieces; piece++) {
      if (!turns.mayWork()) await turns.turn()
      pass(6)
      done.push(name)
    }
  }
  void work('flood', 100)
  void work('honest', 1)
  for (let round = 0; round < 3; round++) await turn()
  expect(done.indexOf('honest')).toBeLessThan(4)
})

test('nothing is scheduled while nobody works', async () => {
  const { turns, turn, isWaiting } = createLoop()
  turns.mayWork()
  await turn()
  expect(isWaiting()).toBe(false)
})
