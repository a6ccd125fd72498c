import type { LocalKafka } from '../../deploy/local/kafka/kafka.ts'
import type { Guard } from '../../deploy/local/processes/guard.ts'
import type { Scope } from './scope.ts'

/** One line of the table. */
export interface Figure {
  readonly what: string
  readonly measured: number
  readonly unit: string
  /** The same measured on the bare program, in the same run. */
  readonly baseline?: number
  /** The figure that `target` bounds, if that is not `measured` itself. */
  readonly ratio?: number
  /** The bound that we promise; without one, the figure is only informative. */
  readonly target?: Target
}

export interface Target {
  readonly of: 'measured' | 'ratio'
  readonly bound: 'at least' | 'at most'
  readonly value: number
}

/** Dependencies of every bench. */
export interface BenchContext {
  readonly kafka: LocalKafka
  readonly guard: Guard
  /** When the bench has ended, ends everything that was started in it, in reverse order. */
  readonly scope: Scope
  /** Reports progress to the user. */
  readonly say: (line: string) => void
}

/** A measured run, and the conclusions that it does not allow. */
export interface Bench {
  readonly name: string
  readonly title: string
  readonly doesNotProve: string
  /** Runs only when named on the command line. */
  readonly isLong?: true
  run(context: BenchContext): Promise<Figure[]>
}

/** Undefined for a figure without a target. */
export function isReached({ target, measured, ratio }: Figure): boolean | undefined {
  if (!target) return undefined
  const value = target.of === 'ratio' ? (ratio ?? Number.NaN) : measured
  return target.bound === 'at least' ? value >= target.value : value <= target.value
}
