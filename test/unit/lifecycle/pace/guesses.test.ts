import { expect, test } from 'vitest'
import { Guesses } from '../../../../src/lifecycle/pace/guesses.ts'

function start() {
  let now = 0
  const guesses = new Guesses({ perSecond: 1, burst: 3 }, { clock: { steady: () => now } })
  return { guesses, pass: (ms: number) => (now += ms) }
}

test('a network that has guessed too often waits, and others do not', () => {
  const { guesses, pass } = start()
  for (let guess = 0; guess < 3; guess++) {
    expect(guesses.areTooMany('a')).toBe(false)
    guesses.wrong('a')
  }
  expect([guesses.areTooMany('a'), guesses.areTooMany('b')]).toEqual([true, false])
  pass(999)
  expect(guesses.areTooMany('a')).toBe(true)
  pass(1)
  expect(guesses.areTooMany('a')).toBe(false)
})

test('however many networks guess, some thousand are remembered, and the latest one is', () => {
  const { guesses } = start()
  for (let network = 0; network < 5000; network++) for (let guess = 0; guess < 3; guess++) guesses.wrong(`n${network}`)
  const remembered = Array.from({ length: 5000 }, (_, network) => guesses.areTooMany(`n${network}`))
  expect(remembered.at(-1)).toBe(true)
  expect(remembered.filter(Boolean).length).toBeLessThanOrEqual(1000)
})
