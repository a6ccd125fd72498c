import { randomBytes } from 'node:crypto'

const RUN_DIGITS = 16
const LOAD_DIGITS = 2
const INDEX_DIGITS = 8
const TIME_DIGITS = 14
const HASH_DIGITS = 64
const MICROSECONDS = 1000

/** What a hash of a relay bench tells its reader. */
export interface Timed {
  /** Which of the loads of a run. */
  readonly load: number
  readonly index: number
  /** When it was written, in milliseconds of `sharedNow`. */
  readonly writtenAt: number
}

/** The first digits of all hashes of one run, by which a reader finds them in a record. */
export function newRun(): string {
  return randomBytes(RUN_DIGITS / 2).toString('hex')
}

/**
 * A hash that says when it was written. Both the bridge and a bare relay pass hashes on as hexadecimal text, so the reader finds it in
 * the bytes of a record, whatever stands around it.
 */
export function timedHash(run: string, { load, index, writtenAt }: Timed): string {
  const digits = (value: number, length: number) => value.toString(16).padStart(length, '0')
  const told = run + digits(load, LOAD_DIGITS) + digits(index, INDEX_DIGITS) + digits(Math.round(writtenAt * MICROSECONDS), TIME_DIGITS)
  return told.padEnd(HASH_DIGITS, '7')
}

/** Undefined for a record that does not belong to the run. */
export function readTimedHash(run: Buffer, record: Buffer): Timed | undefined {
  const at = record.indexOf(run)
  if (at < 0) return undefined
  const text = record.toString('latin1', at + RUN_DIGITS, at + RUN_DIGITS + LOAD_DIGITS + INDEX_DIGITS + TIME_DIGITS)
  return {
    load: Number.parseInt(text.slice(0, LOAD_DIGITS), 16),
    index: Number.parseInt(text.slice(LOAD_DIGITS, LOAD_DIGITS + INDEX_DIGITS), 16),
    writtenAt: Number.parseInt(text.slice(LOAD_DIGITS + INDEX_DIGITS), 16) / MICROSECONDS,
  }
}
