import { expect, test } from 'vitest'
import { createBootstrapOrder } from '../../../../src/kafka/client/bootstrap-order.ts'

test('clients begin with one broker after the other, from a random one on', () => {
  const order = createBootstrapOrder(['a:9092', 'b:9092', 'c:9092'], () => 0.5)
  expect([1, 2, 3, 4].map(() => order.next())).toEqual([['b:9092'], ['c:9092'], ['a:9092'], ['b:9092']])
})

test('without brokers kafkajs gets an empty list, which it rejects', () => {
  expect(createBootstrapOrder([]).next()).toEqual([])
})
