import type { Cluster } from 'kafkajs'
import { expect, test } from 'vitest'
import { GroupOffsets } from '../../../../../src/kafka/group/membership/group-offsets.ts'

/** A cluster whose coordinator answers with these offsets of the partitions 0, 1, 2 and so on. */
function clusterWith(offsets: readonly string[]): Cluster {
  const partitions = offsets.map((offset, partition) => ({ partition, offset, metadata: null }))
  const coordinator = { offsetFetch: async () => ({ responses: [{ topic: 't', partitions }] }) }
  return { connect: async () => {}, disconnect: async () => {}, findGroupCoordinator: async () => coordinator } as unknown as Cluster
}

test('a negative committed offset is none: -1 stands for it, and kafkajs commits -2 when its offset is out of range', async () => {
  const offsets = new GroupOffsets({ groupId: 'g' }, { kafka: { cluster: () => clusterWith(['7', '-1', '-2', '0']) } })
  const found = await offsets.committed([0, 1, 2, 3].map((partition) => ({ topic: 't', partition })))
  expect([...found]).toEqual([
    ['t:0', { next: 7n, metadata: '' }],
    ['t:3', { next: 0n, metadata: '' }],
  ])
  await offsets.close()
})
