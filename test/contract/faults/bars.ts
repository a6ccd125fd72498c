import type { Bar } from '../harness/fault.ts'

/** Session timeout of the bridge's groups, by default. */
const SESSION_MS = 6000
/** Session timeout of the local brokers; Kafka's own default is 9 s. */
const BROKER_SESSION_MS = 3000
/**
 * The others miss the controller after 2 s (`controller.quorum.fetch.timeout.ms`) and elect a new one; the sessions of brokers start
 * again only then.
 */
const NEW_CONTROLLER_MS = 3000
/**
 * For each broker or instance that goes down. Others write announcements that have not appeared for half a second, so any pause may
 * cause copies.
 */
const COPIES = 50

/** Upper bounds on pauses and copies, by the broken part. */
export const BARS = {
  instanceGone: { logPauseMs: 2000, derivedPauseMs: SESSION_MS + 2000, copies: COPIES, takeOvers: 1 },
  instanceStopped: { logPauseMs: 1000, derivedPauseMs: 1000, copies: COPIES, takeOvers: 2 },
  leaderKilled: { logPauseMs: BROKER_SESSION_MS + 2000, derivedPauseMs: BROKER_SESSION_MS + 6000, copies: COPIES, takeOvers: 1 },
  leaderFrozen: { logPauseMs: 5000, derivedPauseMs: 12_000, copies: COPIES, takeOvers: 1 },
  coordinatorGone: { logPauseMs: 6000, derivedPauseMs: 16_000, copies: COPIES, takeOvers: 2 },
  controllerKilled: {
    logPauseMs: NEW_CONTROLLER_MS + BROKER_SESSION_MS + 2000,
    derivedPauseMs: NEW_CONTROLLER_MS + BROKER_SESSION_MS + 6000,
    copies: COPIES,
    takeOvers: 1,
  },
  allRolesKilled: { logPauseMs: NEW_CONTROLLER_MS + 6000, derivedPauseMs: NEW_CONTROLLER_MS + 16_000, copies: COPIES, takeOvers: 2 },
  /** The old leader continues to answer reads as a follower, slightly behind, until it follows the new one. */
  leaderMoved: { logPauseMs: 2000, derivedPauseMs: 8000, copies: COPIES, takeOvers: 0 },
  brokersRolled: { logPauseMs: 1500, derivedPauseMs: 8000, copies: 3 * COPIES, takeOvers: 3 },
  /** Nothing on which these figures depend is broken. */
  bystander: { logPauseMs: 1000, derivedPauseMs: 1000, copies: COPIES, takeOvers: 0 },
  /** Nobody can write meanwhile, so pauses and copies say nothing about the bridge; the absence of losses does. */
  outage: { takeOvers: 3 },
} as const satisfies Record<string, Bar>
