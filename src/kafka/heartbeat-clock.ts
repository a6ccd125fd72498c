/** When the last heartbeat that the coordinator answered was sent, in ms since the epoch; 0 before the first. */
export interface HeartbeatClock {
  requested(request: { apiName: string; sentAt: number }): void
  /** The answer to a heartbeat said that we are a member. */
  beaten(): void
  joined(): void
  lastSentAt(): number
}

/**
 * A membership is as fresh as the *sending* of what was answered: a process that thaws finds old answers waiting. kafkajs says
 * with REQUEST when something was sent, but not whether the answer was an error; its HEARTBEAT and GROUP_JOIN say that.
 */
export function createHeartbeatClock(): HeartbeatClock {
  let heartbeatSentAt = 0
  let syncSentAt = 0
  let lastSentAt = 0
  return {
    requested({ apiName, sentAt }) {
      if (apiName === 'Heartbeat') heartbeatSentAt = sentAt
      if (apiName === 'SyncGroup') syncSentAt = sentAt
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
