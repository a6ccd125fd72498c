import { expect, test } from 'vitest'
import { type SimulatedEvent, simulate } from '../../../../src/cli/simulator/simulation.ts'
import { createCodec } from '../../../../src/messages/codec/codec.ts'
import { readSchemas } from '../../../../src/messages/codec/schemas.ts'
import { ownAnnouncement } from '../../../../src/messages/own-announcement.ts'
import { headerFault } from '../../../../src/messages/rules/block-header.ts'

const REGTEST_MIN_WORK = 2n

const codec = createCodec({}, { schemas: readSchemas() })

function announcementOf(event: SimulatedEvent) {
  const value = codec.decode(event.role, codec.encode(event.role, event.value))
  return ownAnnouncement(event.role, value, { dataHubUrl: 'http://127.0.0.1/', clientName: 'a' })
}

test('writes notifications that the bridge decodes unchanged, with headers that pass its rules', () => {
  const rates = { blocksPerSecond: 2, subtreesPerSecond: 4, rejectedPerSecond: 1 }
  for (const event of simulate({ seed: 'seed', miners: ['/a/', '/b/'], subtreeSize: 4, ...rates })) {
    if (event.atMs > 20_000) break
    const announcement = announcementOf(event)
    expect(announcement?.type).toBe(event.type)
    if (announcement?.type === 'block') {
      const { header, hash } = announcement.block
      expect(hash).toBe(event.key)
      expect(headerFault(header ?? '', hash, REGTEST_MIN_WORK)).toBeUndefined()
    }
    if (announcement?.type === 'mining-on') expect(announcement.miningOn.txCount).toBeGreaterThan(0n)
  }
})
