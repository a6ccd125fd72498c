import { expect, test } from 'vitest'
import { Subscribers } from '../../../../src/events/reading/subscribers.ts'

test('all subscribers are called, and the slowest is awaited', async () => {
  const subscribers = new Subscribers({ onError: () => {} })
  const heard: string[] = []
  let finish = () => {}
  subscribers.add({ onPosition: () => new Promise((resolve) => (finish = resolve)) })
  subscribers.add({ onPosition: (next) => void heard.push(`${next}`) })
  const told = subscribers.position(7n).then(() => heard.push('told'))
  await Promise.resolve()
  expect(heard).toEqual(['7'])
  finish()
  await told
  expect(heard).toEqual(['7', 'told'])
})

test('a failing subscriber is reported and does not affect the others', async () => {
  const errors: string[] = []
  const heard: bigint[] = []
  const subscribers = new Subscribers({ onError: (error) => errors.push(String(error)) })
  subscribers.add({
    onGap: () => {
      throw new Error('at once')
    },
  })
  subscribers.add({ onGap: () => Promise.reject(new Error('later')) })
  subscribers.add({ onGap: ({ next }) => void heard.push(next) })
  await subscribers.gap({ requested: 1n, next: 5n, reason: 'expired' })
  expect(errors).toEqual(['Error: at once', 'Error: later'])
  expect(heard).toEqual([5n])
})

test('a removed subscriber is no longer called', async () => {
  const heard: bigint[] = []
  const subscribers = new Subscribers({ onError: () => {} })
  const leave = subscribers.add({ onPosition: (next) => void heard.push(next) })
  await subscribers.position(1n)
  leave()
  await subscribers.position(2n)
  expect(heard).toEqual([1n])
})
