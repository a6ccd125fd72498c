import { expect, test } from 'vitest'
import { NeighbourBudgets } from '../../../../../src/gossip/router/guard/neighbour-budget.ts'

const message = { bytes: 450, entries: 1, ids: 0 }

function budgets(messagesPerSecond = 1000) {
  let time = 0
  const at = (ms: number) => {
    time = ms
  }
  return { budgets: new NeighbourBudgets({ messagesPerSecond }, { now: () => time }), at }
}

test('an honest relay at the whole inbound rate never waits, with what it says about each message', () => {
  const { budgets: all, at } = budgets()
  for (let sent = 0; sent < 30_000; sent++) {
    at(sent)
    expect(all.charge('relay', message)).toBe(0)
    expect(all.charge('relay', { bytes: 60, entries: 1, ids: 1 })).toBe(0)
  }
})

test('a flood waits, and nobody else does', () => {
  const { budgets: all } = budgets()
  let waitMs = 0
  for (let sent = 0; sent < 10_000; sent++) waitMs = all.charge('flood', message)
  expect(waitMs).toBeGreaterThan(1000)
  expect(all.charge('honest', message)).toBe(0)
})

test('bytes and ids cost too', () => {
  const { budgets: all } = budgets()
  const megabyte = { bytes: 1 << 20, entries: 0, ids: 0 }
  expect(Array.from({ length: 10 }, () => all.charge('bytes', megabyte)).at(-1)).toBeGreaterThan(0)
  const ids = { bytes: 0, entries: 1, ids: 20_000 }
  expect(Array.from({ length: 12 }, () => all.charge('ids', ids)).at(-1)).toBeGreaterThan(0)
})

test('no inbound rate, no wait', () => {
  const { budgets: all } = budgets(0)
  for (let sent = 0; sent < 10_000; sent++) expect(all.charge('flood', message)).toBe(0)
})

test('ids and subscriptions have a bound of their own, which fills up again', () => {
  const { budgets: all, at } = budgets()
  expect(all.ids('a', 15_000)).toBe(15_000)
  expect(all.ids('a', 15_000)).toBe(5000)
  expect(all.ids('b', 15_000)).toBe(15_000)
  expect(all.subscriptions('a', 990)).toBe(990)
  expect(all.subscriptions('a', 20)).toBe(10)
  at(1000)
  expect(all.ids('a', 15_000)).toBe(10_000)
  expect(all.subscriptions('a', 20)).toBe(10)
})

test('a reload changes what a neighbour may cost', () => {
  const rate = { messagesPerSecond: 0 }
  const all = new NeighbourBudgets(rate, { now: () => 0 })
  const charge = () => all.charge('a', { bytes: 512 * 1000, entries: 0, ids: 0 })
  expect([charge(), charge()]).toEqual([0, 0])
  rate.messagesPerSecond = 10
  charge()
  expect(charge()).toBeGreaterThan(1000)
  rate.messagesPerSecond = 0
  expect(charge()).toBe(0)
})
