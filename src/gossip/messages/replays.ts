import type { Clock } from '../../lifecycle/clock.ts'
import { RecentMap } from '../recent-map.ts'

/**
 * How old a number has to be before a smaller one means a replay: within it, messages overtake each other, and copies are recognised by
 * their id.
 */
const OVERTAKEN_MS = 120_000
/** Numbers in nanoseconds since 2017; those of other forms are not used. */
const FIRST_NANOSECONDS = 1_483_228_800_000_000_000n
/** A signer that chooses numbers at random hits the range of plausible times once in sixty, so not three times in a row. */
const MIN_EVIDENCE = 3
/** So many increasing numbers, over this time, and none above the mark: the signer began anew with a clock that is behind. */
const RESTART_COUNT = 16
const RESTART_MS = 60_000
const FORGET_MS = 86_400_000
const MAX_SIGNERS = 10_000

interface Signer {
  /** Whether every number so far was a time in nanoseconds that has passed. */
  isCounting: boolean
  evidence: number
  highest: bigint
  /** The highest number at `since`, and the one at least two minutes before. */
  pending: bigint
  floor: bigint
  since: number
  /** Numbers below the floor in a row, each above the one before it. */
  below: { count: number; last: bigint; since: number }
}

export interface Replays {
  /** Whether a message is an old one of its signer, sent again. */
  isReplay(signer: string, sequenceNumber: bigint): boolean
}

/**
 * Recognises old signed messages that somebody plays back after the router has forgotten them, by the sequence number that is signed with them.
 * go-libp2p-pubsub, rust-libp2p and JavaScript (gossipsub 15.0.21 and later) begin with the time of their start in nanoseconds and
 * count on, so a later message has a greater number, restarts included. Older JavaScript chooses at random and py-libp2p counts from
 * seconds, which a restart can set back: for them, and for numbers ahead of our clock, nothing is a replay.
 */
export function createReplays({ clock }: { clock: Pick<Clock, 'steady' | 'wall'> }): Replays {
  const signers = new RecentMap<Signer>({ idleMs: FORGET_MS, maxEntries: MAX_SIGNERS })
  return {
    isReplay(name, number) {
      const now = clock.steady()
      const signer = signers.touch(name, now, () => newSigner(number, now))
      if (!signer.isCounting) return false
      if (!isPassedTime(number, clock.wall())) {
        signer.isCounting = false
        return false
      }
      advance(signer, now)
      if (number > signer.floor || signer.evidence < MIN_EVIDENCE) {
        if (number > signer.highest) signer.highest = number
        signer.evidence += 1
        signer.below.count = 0
        return false
      }
      if (!hasRestarted(signer, number, now)) return true
      Object.assign(signer, newSigner(number, now))
      return false
    },
  }
}

function newSigner(number: bigint, now: number): Signer {
  return { isCounting: true, evidence: 0, highest: number, pending: 0n, floor: 0n, since: now, below: { count: 0, last: 0n, since: now } }
}

function isPassedTime(number: bigint, wallMs: number): boolean {
  return number >= FIRST_NANOSECONDS && number <= BigInt(Math.floor(wallMs)) * 1_000_000n
}

function advance(signer: Signer, now: number): void {
  if (now - signer.since < OVERTAKEN_MS) return
  signer.floor = signer.pending
  signer.pending = signer.highest
  signer.since = now
}

function hasRestarted({ below }: Signer, number: bigint, now: number): boolean {
  if (below.count === 0 || number <= below.last) {
    below.count = 0
    below.since = now
  }
  below.count += 1
  below.last = number
  return below.count >= RESTART_COUNT && now - below.since >= RESTART_MS
}
