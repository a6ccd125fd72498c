import type { BanQuota } from '../bans/ports.ts'

export interface BanBreakerOptions {
  /** The share of the peers that may be banned by score within ten minutes. */
  readonly share: number
}

export interface BanBreakerDeps {
  /** How many peers are connected to this instance now. */
  readonly peers: () => number
}

const WINDOW_MS = 600_000

/**
 * Stops automatic bans when too many peers would be banned at once: most likely it is our own node or its settings that are wrong. One
 * ban in ten minutes is always possible, so that a small network can defend itself. The bans of all instances count, also of those that
 * were started again meanwhile or decide at this moment; the peers are those of this instance.
 */
export function banBreaker({ share }: BanBreakerOptions, { peers }: BanBreakerDeps): (peerId: string) => BanQuota {
  return (peerId) => ({
    door: 'score',
    windowMs: WINDOW_MS,
    // A peer that was banned already costs nothing.
    allows: (banned) => banned.includes(peerId) || banned.length < Math.max(1, Math.floor((peers() + banned.length) * share)),
  })
}
