import type { Sync } from '../events/event.ts'
import type { EventLogSubscriber } from '../events/reading/subscribers.ts'

export interface StatusToSyncDeps {
  /** Undefined while unknown. */
  readonly ownHeight: () => number | undefined
  /** False for a peer that names another best block more often than a node finds one. */
  readonly admit: (peerId: string) => boolean
  readonly toLog: (peerId: string, sync: Sync) => unknown
}

/**
 * The best block of a peer that is ahead, from its status in the event log, to the event log: block validation catches up from it. A
 * status without a hash or without a URL gives nothing to fetch. Every instance does it; the event of a hash has one id.
 * Nobody can check the hash, so each peer may have only so many: the next status tells the best block again.
 */
export function statusToSync({ ownHeight, admit, toLog }: StatusToSyncDeps): EventLogSubscriber {
  return {
    onEntries({ entries, isReadBack }) {
      if (isReadBack) return
      for (const { event } of entries) {
        if (event.type !== 'node-status' || event.origin !== 'network' || event.peerId === null) continue
        const { bestBlockHash: hash, bestHeight, announcedHeight, dataHubUrl } = event.nodeStatus
        const height = announcedHeight ?? bestHeight // capped again there, beside the announced one
        if (hash === '' || dataHubUrl === '' || height <= (ownHeight() ?? 0)) continue
        if (admit(event.peerId)) toLog(event.peerId, { hash, height, dataHubUrl })
      }
    },
  }
}
