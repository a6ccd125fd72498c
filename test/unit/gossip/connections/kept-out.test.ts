import { expect, test } from 'vitest'
import { KeptOut } from '../../../../src/gossip/connections/kept-out.ts'

function create() {
  let time = 0
  const keptOut = new KeptOut({ now: () => time })
  const pass = (ms: number) => {
    time += ms
  }
  const offend = (peerId: string, times: number) => Array.from({ length: times }, () => keptOut.offence(peerId, '203.0.113.7')).at(-1)
  return { keptOut, pass, offend }
}

test('the third offence keeps a peer out for ten minutes, and nobody else at its address', () => {
  const { keptOut, pass, offend } = create()
  expect(offend('a', 2)).toBe(false)
  expect(keptOut.hasPeer('a')).toBe(false)
  expect(offend('a', 1)).toBe(true)
  expect([keptOut.hasPeer('a'), keptOut.hasPeer('b'), keptOut.hasNetwork('203.0.113.7')]).toEqual([true, false, false])
  pass(600_000)
  expect(keptOut.hasPeer('a')).toBe(false)
})

test('after three peers their address is kept out for a minute', () => {
  const { keptOut, pass, offend } = create()
  for (const peer of ['a', 'b', 'c']) offend(peer, 3)
  expect([keptOut.hasNetwork('203.0.113.7'), keptOut.hasNetwork('203.0.113.8')]).toEqual([true, false])
  pass(60_000)
  expect(keptOut.hasNetwork('203.0.113.7')).toBe(false)
  // One more peer of that address, and it is out again.
  offend('d', 3)
  expect(keptOut.hasNetwork('203.0.113.7')).toBe(true)
})

test('a peer that goes on when it is dialled again is cut each time', () => {
  const { offend } = create()
  offend('a', 3)
  expect(offend('a', 1)).toBe(true)
})
