import type { Clock } from '../lifecycle/clock.ts'
import type { Membership } from './ports.ts'

export interface PrimaryDeps {
  readonly membership: Pick<Membership, 'isAssigned' | 'lastHeartbeatSentAt' | 'sessionTimeoutMs'>
  readonly clock: Pick<Clock, 'steady'>
}

/** Whether this instance is the primary: the one that writes announcements to the event log without waiting for a turn. */
export interface Primary {
  isPrimary(): boolean
}

/**
 * The primary is the instance to which the group assigns the event log's partition, while its last answered heartbeat was *sent* less
 * than half a session ago. A process that wakes up from a freeze is not the primary until the group has answered: another one may be.
 */
export function createPrimary({ membership, clock }: PrimaryDeps): Primary {
  return {
    isPrimary: () => membership.isAssigned() && clock.steady() - membership.lastHeartbeatSentAt() < membership.sessionTimeoutMs / 2,
  }
}
