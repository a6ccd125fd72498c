import { createHash } from 'node:crypto'
import type { KafkaRecord, OutgoingRecord } from '../kafka/record.ts'
import { BadInputError } from '../messages/errors.ts'

/** A value beyond this is cut when the topic refuses the whole; the headers then give its size and SHA-256. */
const CUT_TO_BYTES = 256 * 1024
const LONGEST_ERROR_TEXT = 500
const MOST_ORIGINAL_HEADERS = 32

export interface DeadLettersOptions {
  readonly bridgeId: string
  readonly network: string
}

export interface DeadLettersDeps {
  /** Resolves when the dead letter is acknowledged; rejects with an error that `isRefused` knows when it is too large. */
  readonly send: (record: OutgoingRecord) => Promise<unknown>
  readonly isRefused: (error: unknown) => boolean
  readonly now: () => number
}

/**
 * Puts a record that nobody can use where people can look at it: the original bytes, with the reason in headers and the
 * key `topic:partition:offset`. Resolves when it is there, so the caller may move the offset; rejects when it is not.
 */
export function deadLetters(options: DeadLettersOptions, deps: DeadLettersDeps): (record: KafkaRecord, error: unknown) => Promise<string> {
  return async (record, error) => {
    const reason = reasonOf(error)
    const letter: OutgoingRecord = {
      key: `${record.topic}:${record.partition}:${record.offset}`,
      value: record.value,
      headers: { ...originalHeaders(record), ...ownHeaders(options, record, reason, error, deps.now()) },
    }
    try {
      await deps.send(letter)
    } catch (sendError) {
      if (!deps.isRefused(sendError) || !record.value) throw sendError
      await deps.send(cut(letter, record.value))
    }
    return reason
  }
}

/** A batch that cannot be decompressed is bad input too, found where messages are not known. */
function reasonOf(error: unknown): string {
  if (error instanceof BadInputError) return error.reason
  const isUndecodable = error instanceof Error && 'reason' in error && error.reason === 'undecodable-batch'
  return isUndecodable ? 'undecodable-batch' : 'internal'
}

function ownHeaders(options: DeadLettersOptions, record: KafkaRecord, reason: string, error: unknown, now: number): Record<string, string> {
  const text = error instanceof Error ? error.message : String(error)
  return {
    type: 'dead-letter',
    reason,
    error: text.slice(0, LONGEST_ERROR_TEXT),
    'original-topic': record.topic,
    'original-partition': String(record.partition),
    'original-offset': String(record.offset),
    'original-timestamp': new Date(record.timestamp).toISOString(),
    network: options.network,
    'bridge-id': options.bridgeId,
    'received-at': new Date(now).toISOString(),
  }
}

/** The record's own headers and key are kept under a prefix, so that they can't be taken for the bridge's word. */
function originalHeaders(record: KafkaRecord): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(record.headers).slice(0, MOST_ORIGINAL_HEADERS)) {
    headers[`original-header-${name}`] = value.slice(0, LONGEST_ERROR_TEXT)
  }
  if (record.key) headers['original-key'] = record.key.toString('utf8').slice(0, LONGEST_ERROR_TEXT)
  return headers
}

function cut(letter: OutgoingRecord, value: Buffer): OutgoingRecord {
  const sha256 = createHash('sha256').update(value).digest('hex')
  return {
    ...letter,
    value: value.subarray(0, CUT_TO_BYTES),
    headers: { ...letter.headers, 'original-size': String(value.length), 'original-sha256': sha256, cut: '1' },
  }
}
