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
  /** What `target` is about where that is not `measured` itself. */
  readonly ratio?: number
  /** What we hold ourselves to; without one, the figure is there to be looked at. */
  readonly target?: Target
}

export interface Target {
  readonly of: 'measured' | 'ratio'
  readonly bound: 'at least' | 'at most'
  readonly value: number
}

/** What every bench is given. */
export interface BenchContext {
  readonly kafka: LocalKafka
  readonly guard: Guard
  /** Ends what was started in it, in reverse order, when the bench has ended. */
  readonly scope: Scope
  /** Hears what goes on, for whoever waits. */
  readonly say: (line: string) => void
}

/** A measured run, and what nobody may conclude from it. */
export interface Bench {
  readonly name: string
  readonly title: string
  readonly doesNotProve: string
  /** Runs only when it is named. */
  readonly isLong?: true
  run(context: BenchContext): Promise<Figure[]>
}

/** Undefined for a figure without a target. */
export function isReached({ target, measured, ratio }: Figure): boolean | undefined {
  if (!target) return undefined
  const value = target.of === 'ratio' ? (ratio ?? Number.NaN) : measured
  return target.bound === 'at least' ? value >= target.value : value <= target.value
}
