import type { World } from './world.ts'

/** How much harm a fault may do. Figures that are left out are reported but not judged. */
export interface Bar {
  readonly logPauseMs?: number
  readonly derivedPauseMs?: number
  readonly copies?: number
  /** Allowed changes of the primary; each may repeat one uncommitted chunk in `blocks` and `subtrees`. */
  readonly takeOvers: number
  /** Gossip itself is cut, which has no replay: missing messages are reported with this cause and not judged. */
  readonly lossBecause?: string
  /** The event log itself is lost. So records that existed only there are lost to all its readers, and browsers are told of a gap. */
  readonly isLogLost?: boolean
}

/** Faults that the figures do not show, such as missing dead letters. */
export type FaultNotes = readonly string[]

/** Causes the fault and undoes it; resolves when both are done. */
export type Inject = () => Promise<FaultNotes> | Promise<void>

export interface Fault {
  readonly name: string
  readonly bar: Bar
  /** Chooses the target while the world is calm. */
  prepare(world: World): Promise<Inject>
}
