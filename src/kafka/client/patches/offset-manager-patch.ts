import { createRequire } from 'node:module'
import { kafkaErrorType } from '../trouble.ts'

interface OffsetManager {
  readonly cluster: { findGroupCoordinator(options: { groupId: string }): Promise<unknown> }
  readonly groupId: string
  coordinator: unknown
  commitOffsets(offsets?: unknown): Promise<void>
}

/**
 * Makes a group member of kafkajs 2.2.4 commit to a coordinator that has moved. It may run many times. As it comes, kafkajs commits
 * to the one of the last join until the next: a member whose join was turned away while the new coordinator loaded the group stays
 * a member there, with good heartbeats, and all its commits fail.
 */
export function patchOffsetManager(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/consumer/offsetManager') as { prototype: OffsetManager }
  const { commitOffsets } = prototype
  if (commitOffsets.name === commitToWhoCoordinates.name) return

  async function commitToWhoCoordinates(this: OffsetManager, offsets?: unknown): Promise<void> {
    try {
      await commitOffsets.call(this, offsets)
    } catch (error) {
      const hasMoved = kafkaErrorType(error) === 'NOT_COORDINATOR_FOR_GROUP'
      if (hasMoved) this.coordinator = await this.cluster.findGroupCoordinator({ groupId: this.groupId }) // for the next try
      throw error
    }
  }

  prototype.commitOffsets = commitToWhoCoordinates
}
