import { expect, test } from 'vitest'
import { announcementId } from '../../../src/events/entries/event-id.ts'
import type { LogEvent } from '../../../src/events/event.ts'
import { LatestOwnStatus } from '../../../src/events/reading/own-status.ts'
import type { EventLogSubscriber } from '../../../src/events/reading/subscribers.ts'
import { statusToLog } from '../../../src/flows/status-to-log.ts'
import { statusToSync } from '../../../src/flows/status-to-sync.ts'
import { SAMPLES } from '../../fixtures/announcements.ts'
import { createTestClock } from '../../support/test-clock.ts'

const base = { id: 'x', network: 'regtest', bridgeId: 'node-a', receivedAt: 1 } as const
const { nodeStatus } = SAMPLES['node-status']

function statusOf(
  peerId: string | null,
  changes: Partial<typeof nodeStatus | { bestHeight: number; announcedHeight: number; dataHubUrl: string }> = {},
): LogEvent {
  return { ...base, origin: peerId === null ? 'own' : 'network', peerId, type: 'node-status', nodeStatus: { ...nodeStatus, ...changes } }
}

const admit = () => true

async function tell(subscriber: EventLogSubscriber, events: LogEvent[], isReadBack = false) {
  await subscriber.onEntries?.({ entries: events.map((event) => ({ event, offset: 0n, timestamp: 1 })), next: 1n, isReadBack })
}

test('the status of a peer that is ahead tells its best block to the event log', async () => {
  const told: unknown[] = []
  const subscriber = statusToSync({ ownHeight: () => 7, admit, toLog: (peerId, sync) => told.push([peerId, sync]) })
  await tell(subscriber, [
    statusOf('ahead', { bestHeight: 8 }),
    statusOf('level', { bestHeight: 7 }),
    statusOf('without a URL', { bestHeight: 8, dataHubUrl: '' }),
    statusOf(null, { bestHeight: 8 }),
  ])
  await tell(subscriber, [statusOf('long ago', { bestHeight: 8 })], true)
  expect(told).toEqual([['ahead', { hash: nodeStatus.bestBlockHash, height: 8, dataHubUrl: nodeStatus.dataHubUrl }]])
})

test('the announced height of a status is told, not the capped one', async () => {
  const told: unknown[] = []
  const subscriber = statusToSync({ ownHeight: () => 7, admit, toLog: (_peerId, { height }) => told.push(height) })
  await tell(subscriber, [statusOf('boasting', { bestHeight: 10_007, announcedHeight: 4_294_967_295 })])
  expect(told).toEqual([4_294_967_295])
})

test('a peer that names new best blocks again and again is not believed each time', async () => {
  const told: string[] = []
  const subscriber = statusToSync({ ownHeight: () => 7, admit: (peerId) => peerId !== 'flood', toLog: (peerId) => told.push(peerId) })
  await tell(subscriber, [statusOf('flood', { bestHeight: 8 }), statusOf('them', { bestHeight: 8 })])
  expect(told).toEqual(['them'])
})

test('a node without a known block is behind everybody', async () => {
  const told: string[] = []
  const subscriber = statusToSync({ ownHeight: () => undefined, admit, toLog: (peerId) => told.push(peerId) })
  await tell(subscriber, [statusOf('ahead', { bestHeight: 1 })])
  expect(told).toEqual(['ahead'])
})

test('the own status is an own event, ordered by its time', async () => {
  const appended: unknown[] = []
  const clock = createTestClock(1_751_878_800_000)
  const toLog = statusToLog(
    { network: 'regtest', bridgeId: 'node-a' },
    {
      eventId: (announcement, source, occurrence) => announcementId('regtest', announcement, source, occurrence),
      append: async (event, occurrence) => appended.push([event, occurrence]),
      clock,
    },
  )
  await toLog(nodeStatus)
  clock.pass(1)
  await toLog(nodeStatus)
  const own = { origin: 'own', peerId: null, bridgeId: 'node-a', type: 'node-status', nodeStatus }
  expect(appended).toMatchObject([
    [own, { sequenceNumber: 1_751_878_800_000_000_000n }],
    [own, { sequenceNumber: 1_751_878_800_001_000_000n }],
  ])
  const ids = new Set(appended.map((one) => (one as [LogEvent])[0].id))
  expect(ids.size).toBe(2)
})

test('browsers are greeted with the latest own status, also one from before the start', async () => {
  const latest = new LatestOwnStatus({ bridgeId: 'node-a' })
  let subscriber: EventLogSubscriber = {}
  latest.follow({
    subscribe(one) {
      subscriber = one
      return () => {}
    },
  })
  expect(latest.current()).toBeUndefined()
  const first = statusOf(null)
  await tell(subscriber, [statusOf('them'), first, { ...statusOf(null), bridgeId: 'another' }], true)
  expect(latest.current()).toBe(first)
  const second = statusOf(null, { bestHeight: 9 })
  await tell(subscriber, [second])
  expect(latest.current()).toBe(second)
})
