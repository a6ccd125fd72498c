import { callWithDeadline, DeadlineError } from '../lifecycle/time.ts'
import { AREAS, type Area, type AreaFinding, type Finding, fail, messageOf } from './finding.ts'

/** One look at the surroundings. It changes nothing there. */
export interface Probe {
  readonly area: Area
  /** What is looked at, for the finding when the look itself fails. */
  readonly what: string
  readonly deadlineMs: number
  run(signal: AbortSignal): Promise<readonly Finding[]>
}

/** Runs all probes side by side, each within its deadline, and returns their findings in the order of the areas. Never rejects. */
export async function examine(probes: readonly Probe[], signal: AbortSignal): Promise<AreaFinding[]> {
  const found = await Promise.all(probes.map((probe) => look(probe, signal)))
  const inOrder = found.flat()
  return AREAS.flatMap((area) => inOrder.filter((finding) => finding.area === area))
}

async function look({ area, what, deadlineMs, run }: Probe, signal: AbortSignal): Promise<AreaFinding[]> {
  const findings = await callWithDeadline({ ms: deadlineMs, what, signal }, run).catch((error: unknown) => [
    failed(what, deadlineMs, error),
  ])
  return findings.map((finding) => ({ area, ...finding }))
}

function failed(what: string, deadlineMs: number, error: unknown): Finding {
  if (error instanceof DeadlineError) {
    return fail(
      `${what} did not end within ${deadlineMs / 1000} s`,
      'something on the way takes connections and does not answer: look there',
    )
  }
  return fail(`${what} failed: ${messageOf(error)}`, 'run the doctor again with --log-level debug')
}
