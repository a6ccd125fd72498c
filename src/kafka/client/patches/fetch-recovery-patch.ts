import { createRequire } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'

interface ConsumerGroup {
  readonly cluster: { refreshMetadata(): Promise<void> }
  /** By `performance.now()`, since when fetches fail, and when one failed last; set by this patch. */
  fetchTrouble?: { since: number; last: number }
  recoverFromFetch(error: FetchError): Promise<void>
}

type FetchError = Error & { readonly type?: string }

/** The leader of a partition has moved, or is about to: that is no matter of the group. */
const LEADER_MOVES = new Set(['LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION', 'FENCED_LEADER_EPOCH', 'UNKNOWN_LEADER_EPOCH'])
const LEADER_IS_AWAY = new Set(['KafkaJSConnectionError', 'KafkaJSRequestTimeoutError'])
const FETCH_AGAIN_MS = 200
/** A broker's session (9 s by default) and an election are over by then; what lasts longer a new member may mend. */
const LONGEST_MS = 20_000
const APART_MS = 5000

/**
 * Makes a group member of kafkajs 2.2.4 stay one while the leader of a partition that it reads is away or moves. It may run many
 * times. As it comes, kafkajs joins anew when a leader has moved, and crashes when one cannot be connected to. The rebalance stops
 * all members, and when a broker has just died it may not end before the coordinator can write again: 13 s where 5 are enough.
 */
export function patchFetchRecovery(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup }
  const { recoverFromFetch } = prototype
  if (recoverFromFetch.name === stayMember.name) return

  async function stayMember(this: ConsumerGroup, error: FetchError): Promise<void> {
    const isOfLeader = LEADER_MOVES.has(error.type ?? '') || LEADER_IS_AWAY.has(error.name)
    if (isOfLeader && troubleMs(this) > LONGEST_MS) throw error
    if (isOfLeader)
      await this.cluster.refreshMetadata().catch(() => {}) // fails as well while brokers are away
    else await recoverFromFetch.call(this, error)
    await pause(FETCH_AGAIN_MS)
  }

  prototype.recoverFromFetch = stayMember
}

function troubleMs(group: ConsumerGroup): number {
  const now = performance.now()
  const { since, last } = group.fetchTrouble ?? { since: now, last: now }
  group.fetchTrouble = { since: now - last > APART_MS ? now : since, last: now }
  return now - group.fetchTrouble.since
}
