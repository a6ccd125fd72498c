import { expect, test } from 'vitest'
import type { PeerInfo } from '../../../../src/admin/ports.ts'
import { StatusBoard } from '../../../../src/admin/status/status-board.ts'
import type { Ban } from '../../../../src/bans/ban.ts'
import { Health } from '../../../../src/lifecycle/health.ts'
import { FACTS, PEER, SOURCES } from '../start-api.ts'

function startBoard() {
  let now = 1000
  const clock = { steady: () => now, wall: () => 1_700_000_000_000 + now }
  const health = new Health({ clock })
  const board = new StatusBoard(FACTS, { health, clock })
  return { board, health, pass: (ms: number) => (now += ms) }
}

/** Ports that only list; nothing is changed in these tests. */
function portsOf(peers: readonly PeerInfo[], bans: readonly Ban[], list?: () => Promise<{ peerId: string; points: number; at: number }[]>) {
  return { peers: { list: () => peers }, bans: { list: () => bans }, scores: list && { list } } as never
}

const peer = (peerId: string, connectedAt: number): PeerInfo => ({
  ...{ peerId, connectedAt, address: '203.0.113.7', direction: 'inbound', topics: [], mesh: [] },
  ...{ latencyMs: null, height: null, isOfSettings: false, isSibling: false },
})

test('before any part exists there is a status, which says what is starting and knows nothing else', async () => {
  const { board, health } = startBoard()
  health.part('event log')
  const status = await board.status()
  expect(status).toMatchObject({ view: 'full', ready: false, parts: [{ part: 'event log', ready: false, reason: 'starting' }] })
  expect(status).toMatchObject({ peerId: null, isPrimary: null, peers: null, bans: null, kafka: null, pending: null, browsers: null })
  expect(status.instances).toEqual([{ instanceId: 'instance', peerId: null, version: '1.2.3', heardAt: null, isOwn: true }])
  expect(board.ports()).toBeUndefined()
})

test('shows what the parts tell', async () => {
  const { board, pass } = startBoard()
  const scores = async () => [{ peerId: 'B', points: 40, at: 0 }]
  board.provide({ ...SOURCES, peerId: PEER, ports: portsOf([peer('B', 2), peer('A', 1)], [], scores) })
  pass(90_000)
  const status = await board.status()
  expect(status).toMatchObject({ uptimeSeconds: 90, time: '2023-11-14T22:14:51.000Z', isPrimary: true, database: { isUp: true } })
  expect(status.peers).toMatchObject({
    total: 2,
    list: [
      { peerId: 'A', points: 0 },
      { peerId: 'B', points: 40, connectedAt: '1970-01-01T00:00:00.002Z' },
    ],
  })
  expect(status.instances).toEqual([
    { instanceId: 'instance', peerId: PEER, version: '1.2.3', heardAt: '2023-11-14T22:13:20.000Z', isOwn: true },
  ])
})

test('however many ask, it is put together once a second, and anew after a change', async () => {
  const { board, pass } = startBoard()
  let times = 0
  board.provide({ kafka: async () => ({ lags: [], tailLag: times++, clockAheadMs: 0 }) })
  const first = await board.status()
  expect(await Promise.all(Array.from({ length: 1000 }, () => board.status()))).toEqual(Array(1000).fill(first))
  expect(times).toBe(1)
  pass(999)
  await board.status()
  expect(times).toBe(1)
  pass(1)
  await board.status()
  board.outdate()
  await board.status()
  expect(times).toBe(3)
})

test('lists are bounded: the longest connected peers, the newest bans, and the number of all', async () => {
  const { board } = startBoard()
  const peers = Array.from({ length: 1000 }, (_, at) => peer(`peer-${at}`, 1000 - at))
  const bans = Array.from({ length: 1000 }, (_, at) => ({ key: `10.0.0.${at}`, until: null, reason: '', since: at, cause: '' }))
  board.provide({ ports: portsOf(peers, bans) })
  const status = await board.status()
  expect([status.peers?.total, status.peers?.list?.length, status.peers?.list?.[0]?.peerId]).toEqual([1000, 300, 'peer-999'])
  expect([status.bans?.total, status.bans?.list?.length, status.bans?.list?.[0]?.key]).toEqual([1000, 100, '10.0.0.999'])
})

test('the evidence of a ban is read once; while it cannot be read, there is none', async () => {
  const { board } = startBoard()
  const ban = { key: '10.0.0.1', until: null, reason: '', since: 1, cause: 'http:1' }
  const asked: string[][] = []
  let isAway = true
  const evidence = async (causes: readonly string[]) => {
    asked.push([...causes])
    if (isAway) throw new Error('the database is away')
    return new Map([['http:1', { door: 'http' }]])
  }
  const evidenceNow = async () => {
    board.outdate()
    return (await board.status()).bans?.list?.map((each) => each.evidence)
  }
  board.provide({ ports: portsOf([], [ban, { ...ban, key: '10.0.0.2', cause: 'kafka:2' }]), evidence })
  expect(await evidenceNow()).toEqual([null, null])
  isAway = false
  expect(await evidenceNow()).toEqual([{ door: 'http' }, null])
  expect(await evidenceNow()).toEqual([{ door: 'http' }, null])
  expect(asked).toHaveLength(2)
})

test('while the scores cannot be read, peers are shown without', async () => {
  const { board } = startBoard()
  board.provide({ ports: portsOf([peer('A', 1)], [], () => Promise.reject(new Error('the database is away'))) })
  expect((await board.status()).peers?.list).toMatchObject([{ peerId: 'A', points: null }])
})
