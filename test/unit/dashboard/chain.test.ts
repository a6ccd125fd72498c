import { expect, test } from 'vitest'
import { layOut } from '../../../src/dashboard/page/chain/layout.js'
import { Chain } from '../../../src/dashboard/page/data/chain.js'

const hashOf = (name: string) => name.padStart(64, '0')
const headerAfter = (name: string) => `01000000${(hashOf(name).match(/../g) ?? []).reverse().join('')}${'00'.repeat(44)}`

/** Writes events as the stream does, one offset after the other. */
function startChain() {
  const chain = new Chain()
  let offset = 0
  const add = (data: object) => {
    offset += 1
    chain.add({
      id: `event-${offset}`,
      cursor: `v1.${offset}.00000000`,
      data: { receivedAt: 1000 * offset, loggedAt: 1000 * offset + 5, ...data },
    })
  }
  const from = (peer: string | null) => (peer === null ? { origin: 'own', peerId: null } : { origin: 'network', peerId: peer })
  return {
    chain,
    /** `after`: the block that the header names; without it there is no header. */
    block(name: string, height: number, { peer = null, after }: { peer?: string | null; after?: string } = {}) {
      add({
        ...from(peer),
        type: 'block',
        block: { hash: hashOf(name), height, ...(after === undefined ? {} : { header: headerAfter(after) }) },
      })
    },
    miningOn(name: string, height: number, { peer = null, after = 'none' }: { peer?: string | null; after?: string } = {}) {
      add({
        ...from(peer),
        type: 'mining-on',
        miningOn: { hash: hashOf(name), previousHash: hashOf(after), height, miner: `mined ${name}` },
      })
    },
    status(name: string, height: number, peer: string, clientName = '') {
      add({ ...from(peer), type: 'node-status', nodeStatus: { bestBlockHash: hashOf(name), bestHeight: height, clientName } })
    },
    tip: () => chain.blocks.tip?.hash.replace(/^0+/, ''),
    left: () => chain.blocks.all.filter(({ isLeft }) => isLeft).map(({ hash }) => hash.replace(/^0+/, '')),
  }
}

test('a claim of one peer never leads; a header, a second peer or the own node proves it', () => {
  const { block, tip } = startChain()
  block('a1', 1)
  block('c9', 9, { peer: 'p1' })
  expect(tip()).toBe('a1')
  block('c9', 9, { peer: 'p1' })
  expect(tip()).toBe('a1')
  block('c9', 9, { peer: 'p2' })
  expect(tip()).toBe('c9')
  block('d9', 10, { peer: 'p1', after: 'c9' })
  expect(tip()).toBe('d9')
})

test('a reorganisation marks the blocks that the own node has left, and says where the chains part', () => {
  const { block, chain, tip, left } = startChain()
  block('a1', 1, { after: 'a0' })
  block('a2', 2, { after: 'a1' })
  block('a3', 3, { after: 'a2' })
  block('b2', 2, { peer: 'p1', after: 'a1' })
  block('b3', 3, { peer: 'p1', after: 'b2' })
  expect(chain.blocks.reorganisations.all).toEqual([])
  block('b4', 4, { after: 'b3' })
  expect(tip()).toBe('b4')
  expect(left()).toEqual(['a3', 'a2'])
  expect(chain.blocks.reorganisations.all).toMatchObject([{ from: { height: 3 }, to: { height: 4 }, left: 2, fork: 1 }])
  block('a5', 5, { after: 'a4' })
  block('a4', 4, { after: 'a3' })
  block('a5', 5, { after: 'a4' })
  expect(left()).toEqual(['b4'])
})

test('without headers the own node at a lower height has left what is above; only its mining-on says that for certain', () => {
  const { block, miningOn, chain, tip, left } = startChain()
  for (const height of [1, 2, 3]) block(`a${height}`, height)
  block('b2', 2)
  expect(tip()).toBe('b2')
  expect(left()).toEqual(['a3', 'a2'])
  expect(chain.blocks.reorganisations.all).toEqual([])
  miningOn('c1', 1)
  expect(chain.blocks.reorganisations.all).toMatchObject([{ from: { height: 2 }, to: { height: 1 }, left: 2, fork: null }])
})

test('an own block below the tip that comes late is no reorganisation; mining on it is', () => {
  const { block, miningOn, chain, tip } = startChain()
  block('a2', 2, { after: 'a1' })
  block('a1', 1, { after: 'a0' })
  expect(tip()).toBe('a2')
  expect(chain.blocks.reorganisations.all).toEqual([])
  miningOn('a1', 1, { after: 'a0' })
  expect(tip()).toBe('a1')
  expect(chain.blocks.reorganisations.all).toMatchObject([{ left: 1, fork: 1 }])
})

test('the own node knows the height of its block, whatever was claimed before', () => {
  const { block, tip, chain } = startChain()
  block('a1', 900, { peer: 'p1' })
  block('a1', 1)
  block('a2', 2)
  expect(tip()).toBe('a2')
  expect(chain.blocks.all.map(({ height }) => height)).toEqual([2, 1])
})

test('what a block contains is told by its own mining-on, however many others came after it', () => {
  const { block, miningOn, chain } = startChain()
  block('a2', 2)
  miningOn('a2', 2, { after: 'a1' })
  miningOn('a1', 1, { peer: 'p1' })
  expect(chain.mined(hashOf('a2'))?.miner).toBe('mined a2')
  expect(chain.mined(hashOf('a7'))).toBe(undefined)
})

test('each node is where it last said; an older block that it announces moves it not back', () => {
  const { block, miningOn, status, chain } = startChain()
  block('a3', 3)
  miningOn('a2', 2, { peer: 'p1' })
  block('a1', 1, { peer: 'p1' })
  status('a3', 3, 'p2', 'teranode-2')
  block('a3', 3, { peer: 'p2' })
  expect(chain.tips.all.map(({ peerId, height, name }) => [peerId, height, name])).toEqual([
    ['own', 3, ''],
    ['p2', 3, 'teranode-2'],
    ['p1', 2, ''],
  ])
  status('a1', 1, 'p2')
  expect(chain.tips.all.map(({ peerId, height }) => [peerId, height])).toEqual([
    ['own', 3],
    ['p1', 2],
    ['p2', 1],
  ])
})

test('stays bounded, and claims push no proven block out', () => {
  const { block, chain } = startChain()
  for (let height = 1; height <= 300; height++) block(`a${height}`, height)
  for (let claim = 0; claim < 500; claim++) block(`f${claim}`, 10_000 + claim, { peer: `p${claim}` })
  expect(chain.blocks.all).toHaveLength(200)
  expect(chain.blocks.tip?.height).toBe(300)
  expect(chain.tips.all).toHaveLength(200)
})

test('the picture has the chain of the tip on the left and forks beside it, with the links that are known', () => {
  const { block, chain } = startChain()
  for (const height of [1, 2, 3, 4]) block(`a${height}`, height, { after: `a${height - 1}` })
  block('b3', 3, { peer: 'p1', after: 'a2' })
  block('b4', 4, { peer: 'p1', after: 'b3' })
  block('c4', 4, { peer: 'p2' })
  const { rows, links, lanes } = layOut(chain.blocks, 40)
  const names = rows.map(({ height, cells }) => [height, ...cells.map(({ block: { hash }, lane }) => `${hash.replace(/^0+/, '')}@${lane}`)])
  expect(names).toEqual([
    [4, 'a4@0', expect.stringMatching(/@1$/), expect.stringMatching(/@2$/)],
    [3, 'a3@0', 'b3@1'],
    [2, 'a2@0'],
    [1, 'a1@0'],
  ])
  expect(lanes).toBe(3)
  expect(links.filter(({ isKnown }) => isKnown)).toHaveLength(5)
  expect(links).toContainEqual({ from: { row: 1, lane: 1 }, to: { row: 2, lane: 0 }, isKnown: true })
  expect(layOut(chain.blocks, 2).rows).toHaveLength(2)
})

test('without headers the only proven block of a height stands in the chain, by a link that is not known', () => {
  const { block, chain } = startChain()
  block('a1', 1)
  block('a2', 2)
  block('b2', 2, { peer: 'p1' })
  const { rows, links } = layOut(chain.blocks, 40)
  expect(rows[0]?.cells.map(({ lane }) => lane)).toEqual([0, 1])
  expect(links).toEqual([{ from: { row: 0, lane: 0 }, to: { row: 1, lane: 0 }, isKnown: false }])
})
