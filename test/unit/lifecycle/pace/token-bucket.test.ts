import { expect, test } from 'vitest'
import { TokenBucket } from '../../../../src/lifecycle/pace/token-bucket.ts'

const rate = { perSecond: 10, burst: 3 }

function takenAt(bucket: TokenBucket, now: number): number {
  let taken = 0
  while (bucket.tryTake(now, rate)) taken += 1
  return taken
}

test('gives at most the burst at once, and the rate on average', () => {
  const bucket = new TokenBucket(rate.burst, 0)
  expect(takenAt(bucket, 0)).toBe(3)
  expect(takenAt(bucket, 99)).toBe(0)
  expect(takenAt(bucket, 200)).toBe(2)
  expect(takenAt(bucket, 60_000)).toBe(3)
})

test('a clock that goes back neither adds nor removes tokens', () => {
  const bucket = new TokenBucket(1, 1000)
  expect(bucket.tryTake(0, rate)).toBe(true)
  expect(bucket.tryTake(0, rate)).toBe(false)
  expect(bucket.tryTake(100, rate)).toBe(true)
})

test('a debt is paid before the next token', () => {
  const bucket = new TokenBucket(0, 0)
  bucket.take()
  expect(bucket.tryTake(100, rate)).toBe(false)
  expect(bucket.tryTake(200, rate)).toBe(true)
})
