import { setImmediate } from 'node:timers/promises'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createDuplicateConnections } from '../../../../src/gossip/upkeep/duplicate-connections.ts'
import { eventually } from '../../../support/eventually.ts'

const never = new AbortController().signal
const open = { protocol: '/meshsub/1.2.0', status: 'open', writeStatus: 'writable', remoteWriteStatus: 'writable' }
const theirs = { ...open, direction: 'inbound' }
const ours = { ...open, direction: 'outbound' }

/** A side that has these connections to one peer, each with its gossip streams. */
function start(connections: Record<string, object[]>, { ownPeerId = 'a', peerId = 'b', reopens = true, isMute = false } = {}) {
  let now = 0
  const closed: string[] = []
  const moved: string[] = []
  const list = Object.entries(connections).map(([id, streams]) => {
    const connection = { id, status: 'open', streams: [...streams], remotePeer: { toString: () => peerId }, abort() {} }
    return Object.assign(connection, {
      async close() {
        connection.status = 'closed'
        closed.push(id)
      },
    })
  })
  const duplicates = createDuplicateConnections(
    { ownPeerId, graceMs: 1000 },
    {
      node: {
        getPeers: () => [{ toString: () => peerId } as PeerId],
        getConnections: () => list.filter(({ status }) => status === 'open') as unknown as Connection[],
      },
      async reopen(_, connection) {
        moved.push(connection.id)
        if (isMute) throw new Error('opening a gossip stream took longer than 5000 ms')
        if (reopens) list.find(({ id }) => id === connection.id)?.streams.push(ours as unknown as Stream)
        return reopens
      },
      onClose() {},
      log: pino({ level: 'silent' }),
      now: () => now,
    },
  )
  return {
    list,
    closed,
    moved,
    async after(ms: number) {
      this.look(ms)
      await duplicates.settled()
    },
    look(ms: number) {
      now += ms
      duplicates.look(never)
    },
  }
}

test('the connection with the stream of the peer is kept, our own stream moves there, and the other is closed after the grace', async () => {
  const side = start({ x: [ours], y: [theirs] })
  await side.after(0)
  await side.after(999)
  expect(side.closed).toEqual([])
  await side.after(1)
  expect(side).toMatchObject({ moved: ['y'], closed: ['x'] })
})

test('the side with the greater peer id waits longer, so the two never close both', async () => {
  const side = start({ x: [ours], y: [theirs] }, { ownPeerId: 'b', peerId: 'a' })
  await side.after(0)
  await side.after(3999)
  expect(side.closed).toEqual([])
  await side.after(1)
  expect(side.closed).toEqual(['x'])
})

test.each([
  ['a connection with both streams is kept', { x: [], y: [theirs, ours] }, [], ['x']],
  ['without a stream of the peer, the one with ours', { x: [], y: [ours] }, [], ['x']],
  ['without any stream, the first', { x: [], y: [] }, ['x'], ['y']],
  ['of three, two are closed', { x: [ours], y: [theirs], z: [] }, ['y'], ['x', 'z']],
  ['while the peer has two streams nothing is closed', { x: [theirs, ours], y: [theirs] }, [], []],
])('%s', async (_what, connections, moved, closed) => {
  const side = start(connections)
  await side.after(0)
  await side.after(1000)
  expect(side).toMatchObject({ moved, closed })
})

test('when our stream cannot be moved nothing is closed, and it is tried again', async () => {
  const side = start({ x: [ours], y: [theirs] }, { reopens: false })
  await side.after(0)
  await side.after(1000)
  await side.after(1000)
  await eventually(() => side.moved.length === 2)
  expect(side.closed).toEqual([])
})

test('a peer that does not answer on the connection to keep does no harm, and it is tried again', async () => {
  const side = start({ x: [ours], y: [theirs] }, { isMute: true })
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  for (const ms of [0, 1000, 1000]) {
    side.look(ms)
    await setImmediate() // unhandled rejections are reported at the end of a turn
  }
  expect(side).toMatchObject({ moved: ['y', 'y'], closed: [] })
  expect(unhandled).toEqual([])
})

test('a peer that had a stream on both connections is looked at again when it has one', async () => {
  const side = start({ x: [theirs], y: [theirs, ours] })
  await side.after(0)
  await side.after(1000)
  expect(side.closed).toEqual([])
  side.list[0]?.streams.pop()
  await side.after(1000)
  expect(side.closed).toEqual(['x'])
})
