import { expect, test } from 'vitest'
import { addPoints, decayed } from '../../../src/scores/add-points.ts'
import { fc } from '../../support/properties.ts'

const MINUTE = 60_000

test('a score loses one point for each whole minute, and the rest of a minute is not lost', () => {
  expect(decayed({ points: 10, at: 0 }, 59_999)).toEqual({ points: 10, at: 0 })
  expect(decayed({ points: 10, at: 0 }, 3 * MINUTE + 30_000)).toEqual({ points: 7, at: 3 * MINUTE })
  expect(decayed({ points: 2, at: 0 }, 100 * MINUTE)).toEqual({ points: 0, at: 100 * MINUTE })
})

test('a clock that goes back takes no points and gives none', () => {
  expect(decayed({ points: 10, at: 5 * MINUTE }, 0)).toEqual({ points: 10, at: 5 * MINUTE })
})

test('five violations of 20 points within a minute reach Teranode’s threshold of 100', () => {
  let score = addPoints(undefined, 20, 0)
  for (let n = 1; n < 5; n++) score = addPoints(score, 20, n * 10_000)
  expect(score.points).toBe(100)
})

test('how often a score is looked at does not change it', () => {
  fc.assert(
    fc.property(fc.nat(500), fc.array(fc.nat(200_000), { maxLength: 20 }), (points, steps) => {
      const end = steps.reduce((sum, step) => sum + step, 0)
      let [looked, now] = [{ points, at: 0 }, 0]
      for (const step of steps) {
        now += step
        looked = addPoints(looked, 0, now)
      }
      expect(looked.points).toBe(decayed({ points, at: 0 }, end).points)
    }),
  )
})
