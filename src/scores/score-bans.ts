import type { Ban } from '../bans/ban.ts'
import type { BanCommand } from '../bans/ban-command.ts'
import type { BanOrigin } from '../bans/ban-origin.ts'
import type { ScoreBan } from './scores.ts'

export interface ScoreBansDeps {
  /** The ban of a peer, if it has one. */
  readonly find: (peerId: string) => Ban | undefined
  readonly apply: (command: BanCommand, origin: BanOrigin) => Promise<unknown>
  /** The store's time, in milliseconds since the epoch. */
  readonly now: () => number
}

/** Bans by score, through the same door as all others. A ban that ends later, such as an operator's, is not shortened. */
export function scoreBans({ find, apply, now }: ScoreBansDeps): (ban: ScoreBan) => Promise<void> {
  return async ({ peerId, durationSeconds, reason, cause, evidence }) => {
    const old = find(peerId)
    if (old && (old.until === null || old.until > now() + durationSeconds * 1000)) return
    await apply({ action: 'add', key: peerId, durationSeconds, reason }, { door: 'score', who: null, cause, evidence })
  }
}
