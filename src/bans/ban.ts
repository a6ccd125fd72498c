/** One entry of the ban list, as in the topic of current bans. */
export interface Ban {
  /** Canonical text of a ban key: see ban-key.ts. */
  readonly key: string
  /** Milliseconds since the epoch; null = permanent. */
  readonly until: number | null
  readonly reason: string
  /** Milliseconds since the epoch at which the ban began; a renewal keeps it. */
  readonly since: number
  /** Identity of the command (see command-cause.ts), or another source. */
  readonly cause: string
}

/** One change of the ban list, by a command, an expiry or an eviction: the audit line, and the `ban` event in the event log. */
export interface BanChange {
  readonly action: 'add' | 'remove' | 'clear' | 'expire'
  /** Empty for `clear`. */
  readonly key: string
  /** Milliseconds since the epoch; null = permanent (or not an `add`). */
  readonly until: number | null
  readonly reason: string
  /** False if the list already was that way. */
  readonly changed: boolean
  /** Unique among the changes of one bridge. */
  readonly cause: string
}

/** The peer in question. Either field may be unknown. */
export interface BanSubject {
  readonly peerId?: string | null | undefined
  readonly address?: string | null | undefined
}

export function isLive(ban: { readonly until: number | null }, now: number): boolean {
  return ban.until === null || ban.until > now
}
