import type { Clock } from '../lifecycle/clock.ts'
import type { Authors, Connections } from './ports.ts'

const MAX_AUTHORS = 1000
const MAX_ASKED_PER_ROUND = 10
const ASK_AGAIN_MS = 600_000

/** Whose announcements reach us by way of others: peers that are worth a connection of our own. Bounded. */
export function createAuthors({ clock }: { clock: Pick<Clock, 'steady'> }): Authors {
  /** When each was asked about last. The one that was heard last stands last. */
  const askedAt = new Map<string, number>()
  return {
    heard(peerId) {
      const at = askedAt.get(peerId) ?? Number.NEGATIVE_INFINITY
      askedAt.delete(peerId)
      askedAt.set(peerId, at)
      const [oldest] = askedAt.keys()
      if (askedAt.size > MAX_AUTHORS && oldest !== undefined) askedAt.delete(oldest)
    },
    toAskAbout(connections: Pick<Connections, 'has'>) {
      const now = clock.steady()
      const isDue = ([peerId, at]: [string, number]) => now - at >= ASK_AGAIN_MS && !connections.has(peerId)
      const due = [...askedAt].reverse().filter(isDue).slice(0, MAX_ASKED_PER_ROUND)
      for (const [peerId] of due) askedAt.set(peerId, now)
      return due.map(([peerId]) => peerId)
    },
  }
}
