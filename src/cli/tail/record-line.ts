import { stringify } from 'lossless-json'
import { printableJson } from '../../config/printable.ts'
import type { KafkaRecord } from '../../kafka/record.ts'
import { timeText } from '../../lifecycle/time-text.ts'
import type { Codec } from '../../messages/codec/codec.ts'
import { TOPIC_ROLES, type TopicRole } from '../../messages/topics.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Finds a topic by its name in Kafka, its name without the prefix, or its role. The role is undefined for a foreign topic. */
export function findTopic(word: string, names: Readonly<Record<TopicRole, string>>, prefix: string): { topic: string; role?: TopicRole } {
  const role =
    TOPIC_ROLES.find((each) => names[each] === word) ??
    TOPIC_ROLES.find((each) => names[each] === prefix + word) ??
    TOPIC_ROLES.find((each) => each === word)
  return role === undefined ? { topic: word } : { topic: names[role], role }
}

/**
 * One record as a line of JSON: its place, time, key, headers and decoded value. A value that cannot be decoded is shown as text
 * or Base64, with the reason. Control characters are escaped, so that foreign text cannot control a terminal.
 */
export function recordLine(record: KafkaRecord, role: TopicRole | undefined, codec: Codec): string {
  const { topic, partition, offset, timestamp, key, headers } = record
  const line = {
    topic,
    partition,
    offset,
    time: timeText(timestamp),
    key: key && readable(key),
    headers,
    ...content(record.value, role, codec),
  }
  return printableJson(stringify(line, (_name, value) => (value === null ? undefined : value)) ?? '')
}

function content(value: Buffer | null, role: TopicRole | undefined, codec: Codec): Record<string, unknown> {
  if (value === null) return { tombstone: true }
  if (role === undefined || role === 'deadLetters') return { value: readable(value) }
  try {
    return { value: codec.decode(role, value) }
  } catch (error) {
    return { undecodable: error instanceof Error ? error.message : String(error), value: readable(value) }
  }
}

function readable(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return `base64:${bytes.toString('base64')}`
  }
}
