import { expect, test } from 'vitest'
import { toDisplay } from '../../../../src/cli/simulator/double-hash.ts'
import { createRandom } from '../../../../src/cli/simulator/random.ts'
import { coinbase, identify, payment, serialise } from '../../../../src/cli/simulator/transaction.ts'

const GENESIS_COINBASE = {
  version: 1,
  inputs: [
    {
      previousId: Buffer.alloc(32),
      previousIndex: 0xffffffff,
      script: Buffer.concat([
        Buffer.from('04ffff001d010445', 'hex'),
        Buffer.from('The Times 03/Jan/2009 Chancellor on brink of second bailout for banks'),
      ]),
      sequence: 0xffffffff,
    },
  ],
  outputs: [
    {
      satoshis: 5_000_000_000n,
      script: Buffer.from(
        '4104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac',
        'hex',
      ),
    },
  ],
  lockTime: 0,
}

test('gives Bitcoin’s first transaction its known id', () => {
  const { id, size } = identify(GENESIS_COINBASE)
  expect(toDisplay(id)).toBe('4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b')
  expect(size).toBe(204)
})

test('writes the height first into the coinbase, with a zero byte where the sign bit would be set', () => {
  const random = createRandom('seed')
  const scriptAt = (height: number) => coinbase({ height, miner: '/m/' }, random).inputs[0]?.script.toString('hex')
  expect(scriptAt(1)).toMatch(/^0101032f6d2f04/)
  expect(scriptAt(128)).toMatch(/^028000032f6d2f04/)
  expect(scriptAt(500_000)).toMatch(/^0320a107032f6d2f04/)
})

test('halves the subsidy each 150 blocks', () => {
  const paidAt = (height: number) => coinbase({ height, miner: '' }, createRandom('seed')).outputs[0]?.satoshis
  expect([paidAt(149), paidAt(150), paidAt(300), paidAt(1_000_000)]).toEqual([5_000_000_000n, 2_500_000_000n, 1_250_000_000n, 0n])
})

test('creates payments of realistic size', () => {
  const random = createRandom('seed')
  for (let at = 0; at < 20; at++) expect([225, 372]).toContain(serialise(payment(random)).length)
})
