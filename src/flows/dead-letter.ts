import { createHash } from 'node:crypto'
import type { KafkaRecord, OutgoingRecord } from '../kafka/record.ts'
import { timeText } from '../lifecycle/time-text.ts'

export interface DeadLetterOptions {
  readonly bridgeId: string
  readonly network: string
}

/** A record that nobody can use, and why. */
export interface DeadRecord {
  readonly record: KafkaRecord
  readonly reason: string
  readonly error: unknown
  readonly now: number
}

/** How much of a record one letter keeps. */
interface Keep {
  readonly valueBytes: number
  readonly headers: boolean
  readonly key: boolean
  readonly words: boolean
}

/** Tried in turn: first the value is cut, then headers are dropped, then the key, and finally all explanations. */
const KEEPS: readonly Keep[] = [
  { valueBytes: 256 * 1024, headers: true, key: true, words: true },
  { valueBytes: 16 * 1024, headers: true, key: true, words: true },
  { valueBytes: 1024, headers: false, key: true, words: true },
  { valueBytes: 0, headers: false, key: false, words: true },
  { valueBytes: 0, headers: false, key: false, words: false },
]
/** No topic accepts more. A larger value would not even fit into the producer's queue. */
const LARGEST_WHOLE_VALUE = 16 << 20
const LONGEST_TEXT = 500
const LONGEST_NAME = 200
const MOST_HEADERS = 32

/**
 * The letters for one record, from whole to minimal: the original bytes, with the reason in headers and the key
 * `topic:partition:offset`. Each can be built from any record, and the last one is a few hundred bytes.
 */
export function* lettersOf(options: DeadLetterOptions, dead: DeadRecord): Generator<OutgoingRecord> {
  const { record } = dead
  const size = record.value?.length ?? 0
  const letter = { key: `${record.topic}:${record.partition}:${record.offset}` }
  const whole = { ...originalHeaders(record), ...originalKey(record), ...ownHeaders(options, dead) }
  if (size <= LARGEST_WHOLE_VALUE) yield { ...letter, value: record.value, headers: whole }
  const cutNote = { ...(record.value ? { 'original-size': String(size), 'original-sha256': sha256(record.value) } : {}), cut: '1' }
  for (const keep of KEEPS) {
    const isNoSmaller = size <= keep.valueBytes && keep.headers
    if (isNoSmaller) continue
    const headers = {
      ...(keep.headers ? originalHeaders(record) : {}),
      ...(keep.key ? originalKey(record) : {}),
      ...(keep.words ? ownHeaders(options, dead) : barestHeaders(dead)),
      ...cutNote,
    }
    yield { ...letter, value: record.value?.subarray(0, keep.valueBytes) ?? null, headers }
  }
}

function ownHeaders({ network, bridgeId }: DeadLetterOptions, dead: DeadRecord): Record<string, string> {
  return {
    ...barestHeaders(dead),
    error: textOf(dead.error).slice(0, LONGEST_TEXT),
    'original-timestamp': timeText(dead.record.timestamp),
    network,
    'bridge-id': bridgeId,
    'received-at': timeText(dead.now),
  }
}

function barestHeaders({ record, reason }: DeadRecord): Record<string, string> {
  return {
    type: 'dead-letter',
    reason,
    'original-topic': record.topic,
    'original-partition': String(record.partition),
    'original-offset': String(record.offset),
  }
}

/** The record's own headers get a prefix, which distinguishes them from the bridge's headers. Cut or dropped headers are counted. */
function originalHeaders(record: KafkaRecord): Record<string, string> {
  const headers: Record<string, string> = {}
  const entries = Object.entries(record.headers)
  let kept = 0
  for (const [name, value] of entries.slice(0, MOST_HEADERS)) {
    headers[`original-header-${name.slice(0, LONGEST_NAME)}`] = value.slice(0, LONGEST_TEXT)
    if (name.length <= LONGEST_NAME && value.length <= LONGEST_TEXT) kept += 1
  }
  if (kept < entries.length) headers['original-headers-cut'] = String(entries.length - kept)
  return headers
}

function originalKey({ key }: KafkaRecord): Record<string, string> {
  return key ? { 'original-key': key.toString('utf8').slice(0, LONGEST_TEXT) } : {}
}

function textOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error)
  } catch {
    return 'an error that cannot be shown as text'
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
