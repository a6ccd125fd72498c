import { InvalidArgumentError } from 'commander'
import { duration } from '../config/kinds/kinds.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import { timeOfText } from '../lifecycle/time-text.ts'

/** Milliseconds of a time span that a command waits at most. */
export function parseTimeout(text: string): number {
  const result = duration({ min: '1s' }).safeParse(text)
  if (!result.success) throw new InvalidArgumentError('it takes a time span from 1s to 24d.')
  return result.data
}

/** A point in time, in milliseconds since the epoch. */
export function parseTime(text: string): number {
  const time = timeOfText(text)
  if (time === undefined) throw new InvalidArgumentError('it takes a time such as 2026-01-31T12:00:00Z, with its zone.')
  return time
}

/** A point in time, or a span back from now. Undefined for anything else. */
export function timeOrSpan(text: string): number | undefined {
  const span = duration({ unbounded: true }).safeParse(text)
  return span.success ? SYSTEM_CLOCK.wall() - span.data : timeOfText(text)
}
