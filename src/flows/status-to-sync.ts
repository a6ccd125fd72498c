import type { Sync } from '../events/event.ts'
import type { EventLogSubscriber } from '../events/reading/subscribers.ts'

export interface StatusToSyncDeps {
  /** Undefined while unknown. */
  readonly ownHeight: () => number | undefined
  readonly toLog: (peerId: string, sync: Sync) => unknown
}

/**
 * The best block of a peer that is ahead, from its status in the event log, to the event log: block validation catches up from it. A
 * status without a hash or without a URL gives nothing to fetch. Every instance does it; the event of a hash has one id.
 */
export function statusToSync({ ownHeight, toLog }: StatusToSyncDeps): EventLogSubscriber {
  return {
    onEntries({ entries, isReadBack }) {
      if (isReadBack) return
      for (const { event } of entries) {
        if (event.type !== 'node-status' || event.origin !== 'network' || event.peerId === null) continue
        const { bestBlockHash: hash, bestHeight, announcedHeight, dataHubUrl } = event.nodeStatus
        const height = announcedHeight ?? bestHeight // capped again there, beside the announced one
        if (hash !== '' && dataHubUrl !== '' && height > (ownHeight() ?? 0)) toLog(event.peerId, { hash, height, dataHubUrl })
      }
    },
  }
}
