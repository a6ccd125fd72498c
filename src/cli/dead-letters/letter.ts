import { printableJson } from '../../config/printable.ts'
import type { KafkaRecord, OutgoingRecord } from '../../kafka/record.ts'
import { timeText } from '../../lifecycle/time-text.ts'

/** An unusable record, as the bridge has stored it. */
export interface DeadLetter {
  /** `topic:partition:offset` of the original record. */
  readonly key: string
  readonly reason: string
  readonly error: string
  readonly originalTopic: string
  readonly originalPartition: number
  readonly originalOffset: string
  readonly originalTime: string
  readonly originalKey: string | null
  readonly originalHeaders: Readonly<Record<string, string>>
  /** How many of the original headers are missing or cut. */
  readonly headersCut: number
  /** Milliseconds since the epoch. */
  readonly writtenAt: number
  /** The original bytes, possibly cut. */
  readonly value: Buffer | null
  /** Size of the original value in bytes. */
  readonly size: number
  readonly isCut: boolean
  /** True if the record was itself a replay. */
  readonly isReplay: boolean
}

/** The note that a letter was replayed. The command writes it to the topic of the letters. */
export interface ReplayNote {
  readonly identity: string
  /** ISO 8601. */
  readonly replayedAt: string
}

const NOTE_TYPE = 'dead-letter-replay'
const HEADER_PREFIX = 'original-header-'
/** The bridge keeps this many characters of a key, so a key of this length may have been cut. */
const LONGEST_KEY = 500
/** Header name of a stand-in for a record of a batch that could not be decompressed. */
const STAND_IN = /^undecodable-[0-9a-f]{32}$/

/** Undefined for a record that is not a dead letter. */
export function toDeadLetter({ key, value, headers, timestamp }: KafkaRecord): DeadLetter | undefined {
  const topic = headers['original-topic']
  const offset = headers['original-offset']
  if (!key || headers.type !== 'dead-letter' || topic === undefined || offset === undefined) return undefined
  const originals = Object.entries(headers).filter(([name]) => name.startsWith(HEADER_PREFIX))
  const originalHeaders = Object.fromEntries(originals.map(([name, text]) => [name.slice(HEADER_PREFIX.length), text]))
  return {
    key: key.toString('utf8'),
    reason: headers.reason ?? '',
    error: headers.error ?? '',
    originalTopic: topic,
    originalPartition: Number(headers['original-partition']),
    originalOffset: offset,
    originalTime: headers['original-timestamp'] ?? '',
    originalKey: headers['original-key'] ?? null,
    originalHeaders,
    headersCut: Number(headers['original-headers-cut'] ?? 0),
    writtenAt: timestamp,
    value,
    size: Number(headers['original-size'] ?? value?.length ?? 0),
    isCut: headers.cut === '1',
    isReplay: originalHeaders.replayed === '1',
  }
}

/**
 * Identifies the original record. Each group that could not use it has written its own letter, and in a topic that was created
 * again another record may have the same place. So neither the letter's offset nor its key alone is enough.
 */
export function identityOf({ key, originalTime }: Pick<DeadLetter, 'key' | 'originalTime'>): string {
  return `${key} ${originalTime}`
}

/** The original bytes, key and headers, marked as a replay. The mark comes first, because not all headers of a bad record are kept. */
export function toReplay({ originalKey, value, originalHeaders }: DeadLetter): OutgoingRecord {
  const { replayed: _earlier, ...headers } = originalHeaders
  return { key: originalKey, value, headers: { replayed: '1', ...headers } }
}

/** Why the original cannot be restored from this letter. Undefined if it can. */
export function faultOf(letter: DeadLetter, inTopics: readonly string[]): string | undefined {
  const { originalTopic, originalKey, originalHeaders, headersCut, reason, size, value } = letter
  if (letter.isCut) return `the letter has only the first ${value?.length ?? 0} of ${size} bytes: produce the record again from its source`
  if (headersCut > 0) return `${headersCut} of its headers are missing or cut in the letter: produce the record again from its source`
  if (reason === 'undecodable-batch' || Object.keys(originalHeaders).some((name) => STAND_IN.test(name))) {
    return 'it stands for a batch that could not be decompressed, whose records are not in it: produce them again from their source'
  }
  if (originalKey !== null && (originalKey.length >= LONGEST_KEY || originalKey.includes('\ufffd'))) {
    return 'the letter does not have its whole key, or a key that is not text: produce the record again from its source'
  }
  const notText = Object.keys(originalHeaders).find((name) => originalHeaders[name]?.includes('\ufffd'))
  if (notText !== undefined) {
    return `its header ${quoted(notText)} is not text, and letters keep text: produce the record again from its source`
  }
  if (!inTopics.includes(originalTopic)) {
    return `${quoted(originalTopic)} is no topic that this bridge reads (${inTopics.join(', ')}): check topic_prefix and kafka_topic_*`
  }
  return undefined
}

/** The record that notes a replay. It has the letter's key, so it follows the letter in the same partition. */
export function toReplayNote(letter: DeadLetter, { replayedAt, network }: { replayedAt: string; network: string }): OutgoingRecord {
  return {
    key: letter.key,
    value: Buffer.alloc(0),
    headers: { type: NOTE_TYPE, 'original-timestamp': letter.originalTime, 'replayed-at': replayedAt, network, 'written-by': 'cli' },
  }
}

/** Undefined for a record that is not such a note. */
export function fromReplayNote({ key, headers }: KafkaRecord): ReplayNote | undefined {
  if (!key || headers.type !== NOTE_TYPE) return undefined
  const identity = identityOf({ key: key.toString('utf8'), originalTime: headers['original-timestamp'] ?? '' })
  return { identity, replayedAt: headers['replayed-at'] ?? '' }
}

/** A letter as one line for people. */
export function letterLine(letter: DeadLetter, replayedAt: string | undefined): string {
  const { key, reason, error, size, writtenAt, isCut, isReplay } = letter
  const notes = [
    `${size} bytes${isCut ? ', cut' : ''}`,
    ...(isReplay ? ['was a replay'] : []),
    ...(replayedAt === undefined ? [] : [`replayed at ${quoted(replayedAt)}`]),
  ]
  return `${timeText(writtenAt)} ${quoted(key)} ${quoted(reason)} (${notes.join('; ')}): ${printableJson(JSON.stringify(error))}`
}

/** A letter as one line of JSON for programs, without the bytes, which `tail` shows. */
export function letterJson(letter: DeadLetter, replayedAt: string | undefined): string {
  const { value: _value, writtenAt, isCut, isReplay, ...said } = letter
  const line = { ...said, time: timeText(writtenAt), cut: isCut, wasReplay: isReplay, replayedAt: replayedAt ?? null }
  return printableJson(JSON.stringify(line))
}

/** Foreign text: unchanged if it is harmless, otherwise as a JSON string without control characters. */
export function quoted(text: string): string {
  return /^[\w.:+-]+$/.test(text) ? text : printableJson(JSON.stringify(text))
}
