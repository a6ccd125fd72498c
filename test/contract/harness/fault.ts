import type { World } from './world.ts'

/** How much harm a fault may do. What is left out is reported and not judged. */
export interface Bar {
  readonly logPauseMs?: number
  readonly derivedPauseMs?: number
  readonly copies?: number
  /** Primaries that may change in its course; each may repeat one uncommitted chunk in `blocks` and `subtrees`. */
  readonly takeOvers: number
  /** Gossip itself is cut, which has no replay: what is missing is reported with this cause instead of judged. */
  readonly lossBecause?: string
  /** The log itself goes, so that what stood there only is lost to everybody behind it too, and browsers are told of a gap. */
  readonly isLogLost?: boolean
}

/** What is wrong beyond what the figures say, such as dead letters that are missing. */
export type FaultNotes = readonly string[]

/** Does the fault and undoes it; resolves when both are done. */
export type Inject = () => Promise<FaultNotes> | Promise<void>

export interface Fault {
  readonly name: string
  readonly bar: Bar
  /** Finds out whom it will hit, in the calm. */
  prepare(world: World): Promise<Inject>
}
