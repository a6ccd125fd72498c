import { expect, test } from 'vitest'
import { meetsTarget, mine, REGTEST_BITS, REGTEST_GENESIS, serialiseHeader, targetOf } from '../../../../src/cli/simulator/block-header.ts'
import { doubleHash, toDisplay } from '../../../../src/cli/simulator/double-hash.ts'

const fromDisplay = (hash: string) => Buffer.from(hash, 'hex').reverse()

test('hashes the header of the regtest genesis block to its known hash', () => {
  expect(toDisplay(doubleHash(serialiseHeader(REGTEST_GENESIS)))).toBe('0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206')
})

test('hashes the header of block 100000 of the main network to its known hash', () => {
  const header = serialiseHeader({
    version: 1,
    previousHash: fromDisplay('000000000002d01c1fccc21636b607dfd930d31d01c3a62104612a1719011250'),
    merkleRoot: fromDisplay('f3e94742aca4b5ef85488dc37c06c3282295ffec960994b2c0d5ac2a25a95766'),
    time: 1_293_623_863,
    bits: 0x1b04864c,
    nonce: 274_148_111,
  })
  expect(toDisplay(doubleHash(header))).toBe('000000000003ba27aa200b1cecaad478d2b00432346c3f1f3986da1afd33e506')
  expect(meetsTarget(doubleHash(header), 0x1b04864c)).toBe(true)
})

test('expands compact targets', () => {
  expect(targetOf(0x1d00ffff)).toBe(0xffffn << 208n)
  expect(targetOf(REGTEST_BITS)).toBe(0x7fffffn << 232n)
})

test('mines a header that meets the target with its own hash', () => {
  for (let time = 0; time < 20; time++) {
    const { header, hash } = mine({ version: 1, previousHash: Buffer.alloc(32), merkleRoot: Buffer.alloc(32, 7), time, bits: 0x2000ffff })
    expect(doubleHash(header)).toEqual(hash)
    expect(meetsTarget(hash, 0x2000ffff)).toBe(true)
    expect(hash.at(-1)).toBe(0)
  }
})
