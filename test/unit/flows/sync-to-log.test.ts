import { expect, test } from 'vitest'
import { syncId } from '../../../src/events/entries/event-id.ts'
import type { LogEvent } from '../../../src/events/event.ts'
import { syncToLog } from '../../../src/flows/sync-to-log.ts'
import { createTestClock } from '../../support/test-clock.ts'

const sync = { hash: 'ab'.repeat(32), height: 7, dataHubUrl: 'http://them.example' }

function start(isSeen = () => false) {
  const offered: LogEvent[] = []
  const clock = createTestClock()
  const believe = (height: number) => (height > 1000 ? { believed: 1000, announced: height } : { believed: height, announced: null })
  const flow = syncToLog({ network: 'regtest', bridgeId: 'a' }, { isSeen, offer: (event) => offered.push(event), believe, clock })
  return { flow, offered, clock }
}

test('becomes an event whose id depends on the hash alone', () => {
  const { flow, offered } = start()
  expect(flow('them', sync)).toBe('new')
  expect(offered).toMatchObject([{ id: syncId('regtest', sync.hash), origin: 'network', peerId: 'them', type: 'sync', sync }])
})

test('what is seen, or was offered a moment ago, is a repeat, whoever says it', () => {
  const { flow, offered, clock } = start()
  flow('them', sync)
  expect(flow('others', sync)).toBe('repeat')
  expect(flow('them', { ...sync, hash: 'cd'.repeat(32) })).toBe('new')
  clock.pass(10_000)
  expect(flow('them', sync)).toBe('new') // it may have been dropped before it was written
  expect(offered).toHaveLength(3)
  expect(start(() => true).flow('them', sync)).toBe('repeat')
})

test('has the height that we believe, and the announced one beside it', () => {
  const { flow, offered } = start()
  flow('them', { ...sync, height: 4_294_967_295 })
  expect(offered).toMatchObject([{ sync: { height: 1000, announcedHeight: 4_294_967_295 } }])
})
