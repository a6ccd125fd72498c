import { expect, test } from 'vitest'
import { Subscribers } from '../../../../src/events/reading/subscribers.ts'

test('all subscribers hear, and the slowest is waited for', async () => {
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

test('one that fails is reported, and keeps none of the others from hearing', async () => {
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

test('one that has left hears no more', async () => {
  const heard: bigint[] = []
  const subscribers = new Subscribers({ onError: () => {} })
  const leave = subscribers.add({ onPosition: (next) => void heard.push(next) })
  await subscribers.position(1n)
  leave()
  await subscribers.position(2n)
  expect(heard).toEqual([1n])
})
