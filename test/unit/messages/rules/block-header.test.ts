import { describe, expect, it } from 'vitest'
import { blockHash, headerFault, targetOf, workOf } from '../../../../src/messages/rules/block-header.ts'
import { BLOCK_1_HASH, BLOCK_1_HEADER, GENESIS_HASH } from '../../../fixtures/announcements.ts'

/** Real headers of the main network: blocks 0, 1 and 125552. */
const GENESIS_HEADER =
  '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c'
const HARDER_HEADER =
  '0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000e320b6c2fffc8d750423db8b1eb942ae710e951ed797f7affc8892b0f1fc122bc7f5d74df2b9441a42a14695'
const HARDER_HASH = '00000000000000001e8d6829a8a21adc5d38d0a473b144b6765798e61f98bd1d'
const WORK_OF_DIFFICULTY_1 = 4_295_032_833n

/** The header with other compact bits, and the hash that it then has. */
function withBits(bits: string): [header: string, hash: string] {
  const header = `${BLOCK_1_HEADER.slice(0, 144)}${bits}${BLOCK_1_HEADER.slice(152)}`
  return [header, blockHash(Buffer.from(header, 'hex'))]
}

describe('a real header', () => {
  it.each([
    ['block 0', GENESIS_HEADER, GENESIS_HASH, WORK_OF_DIFFICULTY_1],
    ['block 1', BLOCK_1_HEADER, BLOCK_1_HASH, WORK_OF_DIFFICULTY_1],
    ['block 125552', HARDER_HEADER, HARDER_HASH, 2n ** 49n],
  ])('of %s is good', (_, header, hash, minWork) => {
    expect(headerFault(header, hash, minWork)).toBeUndefined()
  })

  it('is not good for another hash, or where more work is asked for', () => {
    expect(headerFault(BLOCK_1_HEADER, GENESIS_HASH, 0n)).toBe('header-hash')
    expect(headerFault(BLOCK_1_HEADER.replace(/9$/, '8'), BLOCK_1_HASH, 0n)).toBe('header-hash')
    expect(headerFault(BLOCK_1_HEADER, BLOCK_1_HASH, WORK_OF_DIFFICULTY_1 + 1n)).toBe('header-work')
    expect(headerFault(HARDER_HEADER, HARDER_HASH, 2n ** 54n)).toBe('header-work')
  })
})

describe('a made-up header', () => {
  it('has to meet the target that it names itself', () => {
    expect(headerFault(...withBits('ffff001d'), 0n)).toBeUndefined()
    const [header, hash] = withBits('ffff001c')
    expect(headerFault(header, hash, 0n)).toBe('header-target')
  })

  it.each([
    ['negative', 'ffff801d'],
    ['negative zero', '0000801d'],
    ['zero', '0000001d'],
    ['zero by its size', 'ffff0000'],
    ['beyond 256 bits', 'ffff7f21'],
    ['far beyond', 'ffff7fff'],
  ])('cannot name a target that is %s', (_, bits) => {
    expect(headerFault(...withBits(bits), 0n)).toBe('header-target')
  })

  it('with the easiest target shows next to no work', () => {
    const easy = targetOf(0x207fffff)
    expect(easy).toBe(0x7fffffn << 232n)
    expect(workOf(easy ?? 0n)).toBe(2n)
  })
})

describe('compact bits', () => {
  it.each([
    [0x1d00ffff, 0xffffn << 208n],
    [0x01120000, 0x12n],
    [0x02123400, 0x1234n],
    [0x03123456, 0x123456n],
    [0x04123456, 0x12345600n],
    [0x2200ffff, undefined],
    [0x2100ffff, 0xffffn << 240n],
    [0x220000ff, 0xffn << 248n],
  ])('%i are the target %i', (bits, target) => {
    expect(targetOf(bits)).toBe(target)
  })
})
