import { expect, test } from 'vitest'
import { OwnEcho } from '../../../../src/events/writing/own-echo.ts'

test('the echo is awaited until the tail has read the last record of the batch', () => {
  const echo = new OwnEcho()
  for (const id of ['a', 'b']) echo.expect(id)
  expect(echo.cameBy('somebody else’s')).toBe(false)
  expect(echo.cameBy('a')).toBe(false)
  expect(echo.isAwaited()).toBe(true)
  expect(echo.cameBy('b')).toBe(true)
  expect(echo.isAwaited()).toBe(false)
})

test('records that do not appear for half a minute are given up: the end of the event log may have been truncated', () => {
  const echo = new OwnEcho()
  echo.expect('a')
  echo.acknowledged(1000)
  echo.giveUp(31_000)
  expect(echo.isAwaited()).toBe(true)
  echo.giveUp(31_001)
  expect(echo.isAwaited()).toBe(false)
})
