import { expect, test } from 'vitest'
import type { Announcement } from '../../../../src/messages/announcement.ts'
import { BelievedHeights, type CappedHeight } from '../../../../src/peers/chain/believed-heights.ts'
import { SAMPLES } from '../../../fixtures/announcements.ts'
import { createTestClock } from '../../../support/test-clock.ts'

function start(own: number | undefined = 7) {
  const clock = createTestClock()
  const warnings: CappedHeight[] = []
  const capped: string[] = []
  const heights = new BelievedHeights(
    { maxLead: 10_000 },
    { ownHeight: () => own, onCapped: (type) => capped.push(type), onWarning: (warning) => warnings.push(warning), clock },
  )
  return { heights, warnings, capped, clock }
}
const block = (height: number): Announcement => ({ type: 'block', block: { ...SAMPLES.block.block, height } })

test('a height far above the own one is believed up to the lead, and the announced one stands beside it', () => {
  const { heights, capped } = start()
  expect(heights.ofAnnouncement(block(4_294_967_295), 'them')).toEqual({
    type: 'block',
    block: { ...SAMPLES.block.block, height: 10_007, announcedHeight: 4_294_967_295 },
  })
  const { nodeStatus } = SAMPLES['node-status']
  expect(heights.ofAnnouncement({ type: 'node-status', nodeStatus: { ...nodeStatus, bestHeight: 20_000 } }, 'them')).toMatchObject({
    nodeStatus: { bestHeight: 10_007, announcedHeight: 20_000 },
  })
  expect(capped).toEqual(['block', 'node-status'])
})

test('every other announcement stays as it is', () => {
  const { heights, capped } = start()
  for (const announcement of [block(10_007), SAMPLES.subtree, SAMPLES['rejected-tx']]) {
    expect(heights.ofAnnouncement(announcement, 'them')).toBe(announcement)
  }
  expect(capped).toEqual([])
})

test('an unknown own height counts as 0, and names nobody in a warning', () => {
  const warnings: unknown[] = []
  const deps = { ownHeight: () => undefined, onCapped: () => {}, onWarning: (each: unknown) => warnings.push(each) }
  const heights = new BelievedHeights({ maxLead: 10_000 }, { ...deps, clock: createTestClock() })
  expect(heights.of('sync', 850_000, 'them')).toEqual({ believed: 10_000, announced: 850_000 })
  expect(heights.of('sync', 9000, 'them')).toEqual({ believed: 9000, announced: null })
  expect(warnings).toEqual([])
})

test('a peer is named once an hour', () => {
  const { heights, warnings, clock } = start()
  for (const peer of ['a', 'a', 'b', 'a']) heights.of('sync', 50_000, peer)
  expect(warnings.map(({ peerId }) => peerId)).toEqual(['a', 'b'])
  clock.pass(3_600_000)
  heights.of('sync', 50_000, 'a')
  expect(warnings).toHaveLength(3)
  expect(warnings[0]).toEqual({ peerId: 'a', announced: 50_000, believed: 10_007 })
})
