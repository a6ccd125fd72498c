/** When the last heartbeat that the coordinator answered was sent, by a clock that nobody sets; -Infinity before the first. */
export interface HeartbeatClock {
  /** `sentAt` is by the wall clock, as kafkajs says it when the answer is there. */
  requested(request: { apiName: string; sentAt: number }): void
  /** The answer to a heartbeat said that we are a member. */
  beaten(): void
  joined(): void
  lastSentAt(): number
}

export interface HeartbeatClockDeps {
  readonly wallClock: () => number
  readonly steadyClock: () => number
}

const CLOCKS: HeartbeatClockDeps = { wallClock: () => Date.now(), steadyClock: () => performance.now() }

/**
 * A membership is as fresh as the *sending* of what was answered: a process that thaws finds old answers waiting. kafkajs says
 * with REQUEST when something was sent, but not whether the answer was an error; its HEARTBEAT and GROUP_JOIN say that.
 *
 * It says so by the wall clock. Were that compared later, a clock that is set back in between would make an old membership fresh.
 */
export function createHeartbeatClock({ wallClock, steadyClock }: HeartbeatClockDeps = CLOCKS): HeartbeatClock {
  let heartbeatSentAt = Number.NEGATIVE_INFINITY
  let syncSentAt = Number.NEGATIVE_INFINITY
  let lastSentAt = Number.NEGATIVE_INFINITY
  const steady = (sentAt: number) => steadyClock() - Math.max(0, wallClock() - sentAt)
  return {
    requested({ apiName, sentAt }) {
      if (apiName === 'Heartbeat') heartbeatSentAt = steady(sentAt)
      if (apiName === 'SyncGroup') syncSentAt = steady(sentAt)
    },
    beaten() {
      lastSentAt = Math.max(lastSentAt, heartbeatSentAt)
    },
    joined() {
      lastSentAt = Math.max(lastSentAt, syncSentAt)
    },
    lastSentAt: () => lastSentAt,
  }
}
