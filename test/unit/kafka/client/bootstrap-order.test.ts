import { expect, test } from 'vitest'
import { createBootstrapOrder, hostOf } from '../../../../src/kafka/client/bootstrap-order.ts'

test('clients begin with one broker after the other, from a random one on', () => {
  const order = createBootstrapOrder(['a:9092', 'b:9092', 'c:9092'], () => 0.5)
  expect([1, 2, 3, 4].map(() => order.next())).toEqual([['b:9092'], ['c:9092'], ['a:9092'], ['b:9092']])
})

test('without brokers kafkajs gets an empty list, which it rejects', () => {
  expect(createBootstrapOrder([]).next()).toEqual([])
})

test('an IPv6 address passes kafkajs, which cuts it at its first colon', () => {
  const [broker = ''] = createBootstrapOrder(['[2001:db8::1]:9093']).next()
  const [name = '', port] = broker.split(':')
  expect([hostOf(name), port]).toEqual(['2001:db8::1', '9093'])
  expect(hostOf('kafka-1.example')).toBe('kafka-1.example')
})
