import { createRequire } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'
import { kafkaErrorType } from '../trouble.ts'

interface ConsumerGroup {
  joinAndSync(): Promise<void>
}

/** Another broker coordinates the group now, or has to read the group's state first. */
const COORDINATOR_MOVES = new Set(['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE'])
const AGAIN_MS = 100
/** What lasts longer a new member may mend. */
const LONGEST_MS = 5000

/**
 * Makes a group member of kafkajs 2.2.4 wait, as the member that it is, for a coordinator that is just becoming one. It may run many
 * times. As it comes, kafkajs crashes when its join is turned away by such a coordinator; the member that is made instead has another
 * id, and the whole group waits for the old one until that one's session is over.
 */
export function patchGroupJoin(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup }
  const { joinAndSync } = prototype
  if (joinAndSync.name === joinWhenCoordinated.name) return

  async function joinWhenCoordinated(this: ConsumerGroup): Promise<void> {
    const until = performance.now() + LONGEST_MS
    for (;;) {
      try {
        return await joinAndSync.call(this)
      } catch (error) {
        if (!isTurnedAway(error) || performance.now() > until) throw error
        await pause(AGAIN_MS)
      }
    }
  }

  prototype.joinAndSync = joinWhenCoordinated
}

function isTurnedAway(error: unknown): boolean {
  if (COORDINATOR_MOVES.has(kafkaErrorType(error) ?? '')) return true
  // So kafkajs wraps the refusals after which it joins again by itself, twice: a coordinator of before, a rebalance, an unknown member.
  return error instanceof Error && error.cause instanceof Error && error.cause.name === 'KafkaJSError'
}
