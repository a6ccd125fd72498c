import type { BanQuota } from './ports.ts'

/** The door by which a change of the ban list came in. */
export type BanDoor = 'kafka' | 'http' | 'grpc' | 'cli' | 'dashboard' | 'score'

/** Where a command comes from: what the audit says beside the change itself. */
export interface BanOrigin {
  readonly door: BanDoor
  /** Who gave the command, for people: the name of an API key, an address, a topic. Never a secret. */
  readonly who: string | null
  /** Unique per command, so that a repeated one changes nothing: see command-cause.ts. Default: a new one each time. */
  readonly cause?: string
  /** Milliseconds since the epoch: durations count from here. Default: the store's time. */
  readonly givenAt?: number
  /** Why, for readers of the audit: reasons, points, records or messages. Stored as JSON. */
  readonly evidence?: Readonly<Record<string, unknown>>
  /** A bound on the bans of this door: see BanOutcome.isOverQuota. */
  readonly quota?: BanQuota
}

/** Evidence as the audit stores it, with the door and who came through it. */
export function auditEvidence({ door, who, evidence }: BanOrigin): Readonly<Record<string, unknown>> {
  return { ...evidence, door, who }
}
