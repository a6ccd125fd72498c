import { expect, test } from 'vitest'
import { createAuthors } from '../../../src/peers/authors.ts'
import { createTestClock } from '../../support/test-clock.ts'

test('authors without a connection are asked about, the one heard last first, and again after ten minutes', () => {
  const clock = createTestClock()
  const authors = createAuthors({ clock })
  for (const peerId of ['a', 'b', 'connected', 'a']) authors.heard(peerId)
  const connections = new Set(['connected'])
  expect(authors.toAskAbout(connections)).toEqual(['a', 'b'])
  authors.heard('a')
  clock.pass(599_999)
  expect(authors.toAskAbout(connections)).toEqual([])
  clock.pass(1)
  expect(authors.toAskAbout(new Set())).toEqual(['a', 'connected', 'b'])
})

test('a round has ten of them, and a flood of authors is bounded', () => {
  const authors = createAuthors({ clock: createTestClock() })
  for (let index = 0; index < 5000; index++) authors.heard(`${index}`)
  const asked = Array.from({ length: 200 }, () => authors.toAskAbout(new Set()))
  expect(asked[0]).toHaveLength(10)
  expect(asked.flat()).toHaveLength(1000)
})
