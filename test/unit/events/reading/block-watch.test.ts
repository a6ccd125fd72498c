import { expect, test } from 'vitest'
import type { LogEvent } from '../../../../src/events/event.ts'
import { BlockWatch } from '../../../../src/events/reading/block-watch.ts'
import type { EventLogSubscriber } from '../../../../src/events/reading/subscribers.ts'

function watch() {
  const blocks: [string, number][] = []
  const made = new BlockWatch({ bridgeId: 'a', network: 'regtest' }, { onBlock: (direction, at) => blocks.push([direction, at]) })
  let listener: EventLogSubscriber = {}
  made.follow({
    subscribe(subscriber) {
      listener = subscriber
      return () => {}
    },
  })
  const see = (origin: 'own' | 'network', height: number, other: Partial<{ bridgeId: string; type: string }> = {}) => {
    const event = { network: 'regtest', bridgeId: 'a', origin, receivedAt: height, type: 'block', block: { height }, ...other }
    const entries = [{ event: event as unknown as LogEvent, offset: 0n, timestamp: 0 }]
    void listener.onEntries?.({ entries, next: 1n, isReadBack: true })
  }
  return { made, blocks, see }
}

test('the own height is the greatest of the own blocks; blocks of the network only change the last block', () => {
  const { made, blocks, see } = watch()
  expect(made.ownHeight()).toBeUndefined()
  see('own', 7)
  see('own', 5)
  see('network', 9)
  expect(made.ownHeight()).toBe(7)
  expect(blocks).toEqual([
    ['out', 7],
    ['out', 5],
    ['in', 9],
  ])
})

test('other types, and events that another bridge wrote here by mistake, change nothing', () => {
  const { made, blocks, see } = watch()
  see('own', 7, { bridgeId: 'b' })
  see('own', 7, { type: 'subtree' })
  expect(made.ownHeight()).toBeUndefined()
  expect(blocks).toEqual([])
})
