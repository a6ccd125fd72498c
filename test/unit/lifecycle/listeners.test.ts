import { expect, test } from 'vitest'
import { Listeners } from '../../../src/lifecycle/listeners.ts'

test('each listener is called for all news until it is removed', () => {
  const listeners = new Listeners<number>()
  const heard: number[] = []
  const listen = (news: number) => void heard.push(news)
  const undo = [listeners.add(listen), listeners.add(listen)]
  listeners.emit(1)
  expect(heard).toEqual([1, 1])
  undo[0]?.()
  listeners.emit(2)
  expect(heard).toEqual([1, 1, 2])
  undo[1]?.()
  listeners.emit(3)
  expect(heard).toEqual([1, 1, 2])
})
