import type { Clock } from '../../lifecycle/clock.ts'

export interface BrokerTimeDeps {
  readonly clock: Clock
  /** Called when our wall clock gets too far from the brokers' (milliseconds ahead, negative when behind) or back (undefined). */
  readonly onApart: (aheadMs: number | undefined) => void
}

const APART_MS = 30_000
const HOUR_MS = 3_600_000
/** 2^18 hours are thirty years to either side. */
const LARGEST_STEP = 18

/**
 * The brokers' time, by which we stamp our records: Kafka 4 refuses records that are an hour ahead of its own clock, and our wall clock
 * may be wrong. A broker returns its time when it acknowledges a batch of a topic with LogAppendTime, such as the event log. We keep the
 * difference to our steady clock, which cannot be set.
 */
export class BrokerTime {
  readonly #deps: BrokerTimeDeps
  /** The brokers' time minus our steady clock; undefined until a broker has returned its time. */
  #offsetMs: number | undefined
  /** Refused guesses in a row. */
  #refusals = 0
  #isApart = false

  constructor(deps: BrokerTimeDeps) {
    this.#deps = deps
  }

  /** The timestamp for a batch that is sent now. */
  stamp(): number {
    return Math.round(this.#base() + step(this.#refusals))
  }

  /** How far our wall clock is ahead of the brokers'; undefined while unknown. */
  aheadMs(): number | undefined {
    const { clock } = this.#deps
    return this.#offsetMs === undefined ? undefined : clock.wall() - clock.steady() - this.#offsetMs
  }

  /**
   * A broker accepted a batch that was sent and acknowledged at these times of the steady clock. `appendedAt` is the time that the
   * broker gave it; undefined when the topic keeps our own `stamp`.
   */
  accepted({ stamp, appendedAt, sentAt, answeredAt }: AcceptedBatch): void {
    if (appendedAt !== undefined) {
      // The true difference lies between these two. An estimate within them stays; any other moves only as far as necessary.
      const [least, most] = [appendedAt - answeredAt, appendedAt - sentAt]
      this.#offsetMs = Math.min(most, Math.max(least, this.#offsetMs ?? (least + most) / 2))
    } else if (this.#refusals > 0) this.#offsetMs = stamp - sentAt
    else return
    this.#refusals = 0
    this.#judge()
  }

  /** A broker refused this timestamp: the next ones are alternately earlier and later, in growing steps, until one is accepted. */
  refused(stamp: number): void {
    const isOfEarlierGuess = Math.abs(stamp - this.stamp()) > HOUR_MS / 2
    if (!isOfEarlierGuess) this.#refusals = (this.#refusals + 1) % (2 * LARGEST_STEP + 3)
  }

  #base(): number {
    const { clock } = this.#deps
    return this.#offsetMs === undefined ? clock.wall() : clock.steady() + this.#offsetMs
  }

  #judge(): void {
    const aheadMs = this.aheadMs() ?? 0
    const isApart = Math.abs(aheadMs) > APART_MS
    if (isApart || this.#isApart) this.#deps.onApart(isApart ? aheadMs : undefined)
    this.#isApart = isApart
  }
}

export interface AcceptedBatch {
  readonly stamp: number
  readonly appendedAt: number | undefined
  readonly sentAt: number
  readonly answeredAt: number
}

/** 0, an hour back, an hour on, two hours back, two on, four back, and so on. */
function step(refusals: number): number {
  if (refusals === 0) return 0
  const hours = 2 ** ((refusals - 1) >> 1)
  return refusals % 2 === 1 ? -hours * HOUR_MS : hours * HOUR_MS
}
