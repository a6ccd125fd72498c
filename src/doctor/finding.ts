/** `fail`: the bridge cannot do its work. `warn`: it works, and somebody should look. */
export type Grade = 'ok' | 'warn' | 'fail'

/** The parts of a bridge's surroundings, in the order of the report. */
export const AREAS = ['settings', 'runtime', 'identity', 'ports', 'kafka', 'postgres', 'registry', 'peers'] as const
export type Area = (typeof AREAS)[number]

/** What one look at the surroundings has shown. */
export interface Finding {
  readonly grade: Grade
  /** One sentence without a full stop: which thing, and what is so. */
  readonly reason: string
  /** What to do. Null for `ok`. */
  readonly remedy: string | null
}

export interface AreaFinding extends Finding {
  readonly area: Area
}

export function ok(reason: string): Finding {
  return { grade: 'ok', reason, remedy: null }
}

export function warn(reason: string, remedy: string): Finding {
  return { grade: 'warn', reason, remedy }
}

export function fail(reason: string, remedy: string): Finding {
  return { grade: 'fail', reason, remedy }
}

const SEVERITY: Record<Grade, number> = { ok: 0, warn: 1, fail: 2 }

/** The worst grade: 0 `ok`, 1 `warn`, 2 `fail`. It is the exit code of the doctor. */
export function severityOf(findings: readonly Finding[]): number {
  return Math.max(0, ...findings.map(({ grade }) => SEVERITY[grade]))
}

/** The text of an error, in one line. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return [...new Set(error.errors.map(messageOf))].join(', ')
  const text = error instanceof Error ? error.message || error.name : String(error)
  return text.replace(/\s+/g, ' ').trim()
}
