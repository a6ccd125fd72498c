import { expect, test } from 'vitest'
import { watchCrowd } from '../../../../src/events/instances/crowd-watch.ts'
import { Siblings } from '../../../../src/events/instances/siblings.ts'
import type { EntryBatch, EventLogSubscriber } from '../../../../src/events/reading/subscribers.ts'

function start() {
  const siblings = new Siblings({ instanceId: 'own', recordLifetimeMs: 150_000 })
  let subscriber: EventLogSubscriber | undefined
  const warnings: object[] = []
  const stop = watchCrowd({
    view: {
      livePeerIds: () => siblings.livePeerIds(),
      subscribe(added) {
        subscriber = added
        return () => {
          subscriber = undefined
        }
      },
    },
    log: { warn: (fields: object) => void warnings.push(fields) } as never,
  })
  const see = (index: number, state: 'live' | 'gone' = 'live', { isReadBack = false, peerId = `peer ${index}` as string | null } = {}) => {
    const instance = { instanceId: `${index}`, peerId, version: '1', dialect: 'envelope', state }
    siblings.advance(1)
    siblings.observe(instance)
    void subscriber?.onEntries?.({ entries: [{ event: { type: 'instance', instance } }], isReadBack } as unknown as EntryBatch)
  }
  return { see, warnings, stop }
}

test('more than ten instances with a peer id are said, once until they are fewer', () => {
  const { see, warnings, stop } = start()
  for (let index = 0; index < 10; index++) see(index, 'live', { isReadBack: true })
  see(50, 'live', { peerId: null }) // an instance for browsers only
  expect(warnings).toEqual([])
  see(10)
  see(11)
  expect(warnings).toEqual([{ peerIds: 11, bound: 10 }])
  for (const index of [10, 11]) see(index, 'gone')
  see(12)
  expect(warnings).toHaveLength(2)
  stop()
})

test('those that were there before are said at the start, with the own record', () => {
  const { see, warnings } = start()
  for (let index = 0; index < 11; index++) see(index, 'live', { isReadBack: true })
  expect(warnings).toEqual([])
  see(0)
  expect(warnings).toEqual([{ peerIds: 11, bound: 10 }])
})
