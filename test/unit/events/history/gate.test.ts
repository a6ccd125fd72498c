import { expect, test } from 'vitest'
import { createGate } from '../../../../src/events/history/gate.ts'

test('the gate runs at most its limit at a time, in order, and continues after a failure', async () => {
  const inTurn = createGate(2)
  let running = 0
  let most = 0
  const order: number[] = []
  const task = (number: number) => async () => {
    running += 1
    most = Math.max(most, running)
    order.push(number)
    await Promise.resolve()
    running -= 1
    if (number === 1) throw new Error('one fails')
    return number
  }
  const results = await Promise.allSettled([0, 1, 2, 3, 4].map((number) => inTurn(task(number))))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  expect([most, order]).toEqual([2, [0, 1, 2, 3, 4]])
})
