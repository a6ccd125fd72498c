import { timeText } from '../../lifecycle/time-text.ts'
import { type Ban, isLive } from '../ban.ts'

export interface InForceClocks {
  /** The wall clock of this machine, in milliseconds since the epoch. */
  readonly own: number
  /** The broker's time of the event log's newest record; undefined where it cannot be read. */
  readonly eventLog: number | undefined
}

export interface InForce {
  /** The longest in force first. */
  readonly bans: readonly Ban[]
  /** What a reader should know of the clocks, if anything. */
  readonly remark: string | undefined
}

/**
 * Which published bans are in force, for a machine that takes no part in the bridge. A wrong clock here hides no ban: one is over only
 * when the event log has reached its end. Without the event log the own clock decides.
 */
export function bansInForce(published: readonly Ban[], { own, eventLog }: InForceClocks): InForce {
  const now = eventLog ?? own
  const bans = published.filter((ban) => isLive(ban, now)).sort((left, right) => left.since - right.since)
  const doubtful = bans.filter((ban) => !isLive(ban, own)).length
  const remark =
    doubtful === 0
      ? undefined
      : `${doubtful} of these bans ${doubtful === 1 ? 'is' : 'are'} over by the clock of this machine, but the event log has only reached ${timeText(now)}: this clock is ahead, or no bridge has written since.`
  return { bans, remark }
}
