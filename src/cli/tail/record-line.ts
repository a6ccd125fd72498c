import { stringify } from 'lossless-json'
import { printableJson } from '../../config/printable.ts'
import type { KafkaRecord } from '../../kafka/record.ts'
import { timeText } from '../../lifecycle/time-text.ts'
import { TOPIC_ROLES, type TopicRole, type ValueRole } from '../../messages/topics.ts'

/** The value of a record. Rejects when the bytes are none of the role. */
export type ValueDecoder = (role: ValueRole, record: KafkaRecord) => Promise<unknown>

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Finds a topic by its name in Kafka, its name without prefix and suffix, or its role. The role is undefined for a foreign topic. */
export function findTopic(
  word: string,
  names: Readonly<Record<TopicRole, string>>,
  { topic_prefix: prefix, topic_suffix: suffix }: { readonly topic_prefix: string; readonly topic_suffix: string },
): { topic: string; role?: TopicRole } {
  const role =
    TOPIC_ROLES.find((each) => names[each] === word) ??
    TOPIC_ROLES.find((each) => names[each] === `${prefix}${word}${suffix}`) ??
    TOPIC_ROLES.find((each) => each === word)
  return role === undefined ? { topic: word } : { topic: names[role], role }
}

/**
 * One record as a line of JSON: its place, time, key, headers and decoded value. A value that cannot be decoded is shown as text
 * or Base64, with the reason. Control characters are escaped, so that foreign text cannot control a terminal.
 */
export async function recordLine(record: KafkaRecord, role: TopicRole | undefined, decode: ValueDecoder): Promise<string> {
  const { topic, partition, offset, timestamp, key, headers } = record
  const line = {
    topic,
    partition,
    offset,
    time: timeText(timestamp),
    key: key && readable(key),
    headers,
    ...(await content(record, role, decode)),
  }
  return printableJson(stringify(line, (_name, value) => (value === null ? undefined : value)) ?? '')
}

async function content(record: KafkaRecord, role: TopicRole | undefined, decode: ValueDecoder): Promise<Record<string, unknown>> {
  const { value } = record
  if (value === null) return { tombstone: true }
  if (role === undefined || role === 'deadLetters') return { value: readable(value) }
  try {
    return { value: await decode(role, record) }
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
