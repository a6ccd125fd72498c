import { expect, test } from 'vitest'
import type { Announcement } from '../../../../src/messages/announcement.ts'
import { WorkAdvice } from '../../../../src/peers/chain/work-advice.ts'
import { createTestClock } from '../../../support/test-clock.ts'

/** A header with the compact target `bits`, and so with known work. */
function block(bits: number): Announcement {
  const header = Buffer.alloc(80)
  header.writeUInt32LE(bits, 72)
  return { type: 'block', block: { hash: '00'.repeat(32), height: 1, header: header.toString('hex'), dataHubUrl: '' } } as Announcement
}

const EASY = 0x1d00ffff // 4295032833 hashes
const EASIER = 0x207fffff // 2 hashes

function advice() {
  const clock = createTestClock()
  const said: { signers: number; work: string }[] = []
  const made = new WorkAdvice({ minBlockWork: 2n ** 64n }, { clock, warn: (fields) => void said.push(fields) })
  return { made, clock, said }
}

test('three signers with too little work within ten minutes advise to lower the setting, with the work that they showed', () => {
  const { made, said } = advice()
  made.refused(block(EASY), 'a')
  made.refused(block(EASY), 'a')
  made.refused(block(EASY), 'b')
  expect(said).toEqual([])
  expect(made.sentence()).toBe('ok')
  made.refused(block(EASIER), 'c')
  expect(said).toEqual([{ signers: 3, work: '4295032833', minBlockWork: '18446744073709551616' }])
  expect(made.sentence()).toContain('median 4295032833 hashes, 18446744073709551616 are asked for')
})

test('the advice is logged once in ten minutes, and ends ten minutes after the last of them', () => {
  const { made, clock, said } = advice()
  for (const signer of ['a', 'b', 'c', 'd', 'e']) made.refused(block(EASY), signer)
  expect(said).toHaveLength(1)
  expect(made.seen()).toEqual({ signers: 5, work: 4295032833n })
  clock.pass(600_001)
  expect(made.seen()).toEqual({ signers: 0, work: 0n })
  expect(made.sentence()).toBe('ok')
})

test('any number of signers costs no more than a thousand entries', () => {
  const { made } = advice()
  for (let at = 0; at < 5000; at++) made.refused(block(EASY), `signer ${at}`)
  expect(made.seen().signers).toBe(1000)
})
