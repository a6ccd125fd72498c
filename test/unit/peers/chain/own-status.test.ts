import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { encodeNodeStatus } from '../../../../src/messages/dialects/envelope/node-status.ts'
import { gatherStatus } from '../../../../src/peers/chain/gather-status.ts'
import { OwnStatus, type OwnStatusDeps, type OwnStatusOptions } from '../../../../src/peers/chain/own-status.ts'
import { SAMPLES } from '../../../fixtures/announcements.ts'
import { createTestClock } from '../../../support/test-clock.ts'

const { nodeStatus } = SAMPLES['node-status']

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function start(options: OwnStatusOptions = {}, deps: Partial<OwnStatusDeps> = {}) {
  const stopping = new AbortController()
  const seen = { published: 0, recorded: 0, refused: [] as string[], errors: [] as unknown[] }
  const status = new OwnStatus(options, {
    gather: () => nodeStatus,
    encode: () => Buffer.from('status'),
    sendFault: () => undefined,
    onRefused: (type, fault) => seen.refused.push(`${type}: ${fault}`),
    publish: async () => void seen.published++,
    record: async () => void seen.recorded++,
    onError: (error) => seen.errors.push(error),
    clock: { steady: () => performance.now() },
    signal: stopping.signal,
    ...deps,
  })
  return { status, seen, ended: status.run(), stop: () => stopping.abort() }
}

test('the status is told at the start, every 10 s, and at a new best block', async () => {
  const { status, seen, ended, stop } = start()
  await vi.advanceTimersByTimeAsync(0)
  expect([seen.published, seen.recorded]).toEqual([1, 1])
  await vi.advanceTimersByTimeAsync(20_000)
  expect(seen.published).toBe(3)
  await vi.advanceTimersByTimeAsync(5000)
  void status.tipChanged()
  await vi.advanceTimersByTimeAsync(0)
  expect([seen.published, seen.recorded]).toEqual([4, 4])
  stop()
  await ended
})

test('blocks that follow each other fast share a status', async () => {
  const { status, seen, stop } = start({ everyMs: 1e6 })
  await vi.advanceTimersByTimeAsync(2000)
  for (let block = 0; block < 90; block++) {
    void status.tipChanged()
    await vi.advanceTimersByTimeAsync(20)
  }
  expect(seen.published).toBe(3) // the first, and one a second
  stop()
})

test('a silent node tells nobody, and its own browsers all the same', async () => {
  const { seen, stop } = start({ isSilent: true })
  await vi.advanceTimersByTimeAsync(0)
  expect([seen.published, seen.recorded]).toEqual([0, 1])
  stop()
})

test('a status that breaks a rule of the peers is not sent, and is said', async () => {
  const { seen, stop } = start({}, { sendFault: () => 'it is too large' })
  await vi.advanceTimersByTimeAsync(0)
  expect([seen.published, seen.refused]).toEqual([0, ['node-status: it is too large']])
  stop()
})

test('the peers hear of the node while the event log takes nothing', async () => {
  let recorded = 0
  const record = () => {
    recorded += 1
    return new Promise<never>(() => {})
  }
  const { seen, stop } = start({}, { record })
  await vi.advanceTimersByTimeAsync(20_000)
  expect([seen.published, recorded]).toEqual([3, 1])
  stop()
})

test('gathering that hangs is given up after 5 s, and the next one is tried', async () => {
  let asked = 0
  const gather = () => (asked++ === 0 ? new Promise<never>(() => {}) : nodeStatus)
  const { seen, stop } = start({}, { gather })
  await vi.advanceTimersByTimeAsync(5000)
  expect(seen.errors).toMatchObject([{ code: 'BRIDGE_DEADLINE' }])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(seen.published).toBe(1)
  stop()
})

const stated = { storage: 'unsaid', minMiningTxFee: null } as const
const own = { clientName: 'us', dataHubUrl: 'http://us.example', version: '1.0.0', stated }

test('a node says what it knows: its best block and the miner, its peers, and how long it runs', () => {
  const clock = createTestClock()
  const gather = gatherStatus(
    { ...own, listenMode: 'full' },
    { ownBest: () => ({ hash: 'ab'.repeat(32), height: 7, miner: 'a pool' }), peers: () => 3, clock },
  )
  clock.pass(12_500)
  expect(gather()).toMatchObject({
    dataHubUrl: 'http://us.example',
    bestBlockHash: 'ab'.repeat(32),
    bestHeight: 7,
    minerName: 'a pool',
    fsmState: 'RUNNING',
    uptime: 12.5,
    connectedPeersCount: 3n,
    listenMode: 'full',
  })
})

test('a node that only listens offers no data, and one without a block claims none', () => {
  const gather = gatherStatus({ ...own, listenMode: 'listen_only' }, { ownBest: () => undefined, peers: () => 0, clock: createTestClock() })
  expect(gather()).toMatchObject({ dataHubUrl: '', propagationUrl: '', bestBlockHash: '', bestHeight: 0, fsmState: 'UNKNOWN' })
})

test('what only the operator knows is told as the settings state it, and left out if they do not', () => {
  const status = (more: object) => {
    const gather = gatherStatus(
      { ...own, listenMode: 'full', ...more },
      { ownBest: () => undefined, peers: () => 0, clock: createTestClock() },
    )
    return JSON.parse(`{${encodeNodeStatus(gather(), { peerId: '""', clientName: '""' })}}`)
  }
  expect(status({ stated: { storage: 'full', minMiningTxFee: 0.00000001 } })).toMatchObject({ storage: 'full', min_mining_tx_fee: 1e-8 })
  expect(status({ stated: { storage: 'pruned', minMiningTxFee: 0 } })).toMatchObject({ storage: 'pruned', min_mining_tx_fee: 0 })
  for (const key of ['storage', 'min_mining_tx_fee', 'fee_policy', 'tx_count', 'subtree_count', 'sync_peer_id', 'propagation_url'])
    expect(status({})).not.toHaveProperty(key)
})
