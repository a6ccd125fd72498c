import { expect, test } from 'vitest'
import type { LogEvent } from '../../../../src/events/event.ts'
import { PeerHeights } from '../../../../src/events/reading/peer-heights.ts'
import type { EventLogSubscriber } from '../../../../src/events/reading/subscribers.ts'

function follow() {
  const heights = new PeerHeights()
  let subscriber: EventLogSubscriber | undefined
  heights.follow({
    subscribe(given) {
      subscriber = given
      return () => {}
    },
  })
  const hear = (...events: object[]) => subscriber?.onEntries?.({ entries: events.map((event) => ({ event: event as LogEvent })) } as never)
  return { heights, hear, gap: (reason: string) => subscriber?.onGap?.({ reason } as never) }
}

const block = (peerId: string | null, height: number) => ({ type: 'block', peerId, block: { hash: '', height } })

test('a signer has the height that it named last, also when that is lower', () => {
  const { heights, hear } = follow()
  hear(block('A', 7), block('B', 9), block('A', 6), block(null, 99), { type: 'subtree', peerId: 'C', subtree: { hash: '' } })
  hear({ type: 'sync', peerId: 'C', sync: { height: 50 } }, { type: 'ban', peerId: 'C', ban: {} })
  expect(['A', 'B', 'C'].map((peerId) => heights.of(peerId))).toEqual([6, 9, null])
})

test('an event log made anew has other heights', () => {
  const { heights, hear, gap } = follow()
  hear(block('A', 7))
  gap('expired')
  expect(heights.of('A')).toBe(7)
  gap('topic-made-anew')
  expect(heights.of('A')).toBeNull()
})

test('remembers ten thousand signers', () => {
  const { heights, hear } = follow()
  hear(...Array.from({ length: 10_001 }, (_, at) => block(`peer-${at}`, at)))
  expect([heights.of('peer-0'), heights.of('peer-1'), heights.of('peer-10000')]).toEqual([null, 1, 10_000])
})
