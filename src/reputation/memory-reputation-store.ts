import type { PeerReputation, ReputationStore } from './ports.ts'
import { applyReports } from './report.ts'
import { NO_REPUTATION, type Reputation } from './reputation.ts'

/** Reputations of this process alone, for a bridge without a database. The least recently reported peers are forgotten first. */
export function createMemoryReputationStore({ maxPeers }: { maxPeers: number }): ReputationStore {
  const kept = new Map<string, Reputation>()
  return {
    async add(all) {
      return all.map(({ peerId, reports }): PeerReputation => {
        const reputation = applyReports(kept.get(peerId) ?? NO_REPUTATION, reports)
        kept.delete(peerId)
        kept.set(peerId, reputation)
        return { peerId, reputation }
      })
    },
    read: async () => ({ changed: [], cursor: null }),
    async reset(peerId) {
      const before = kept.size
      if (peerId === null) kept.clear()
      else kept.delete(peerId)
      return before - kept.size
    },
    async sweep() {
      for (const oldest of kept.keys()) {
        if (kept.size <= maxPeers) break
        kept.delete(oldest)
      }
    },
  }
}
