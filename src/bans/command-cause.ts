import { createHash } from 'node:crypto'

/** The fields that identify a record of the ban commands. */
export interface CommandRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

const DIGEST_CHARACTERS = 16

/**
 * The identity of a command: its place, its time and a digest of its bytes. A redelivered command has the same identity. A record
 * at the same place in a topic that was created again, or in another cluster, has a different one.
 */
export function commandCause({ topic, partition, offset, timestamp, key, value }: CommandRecord): string {
  const hash = createHash('sha256')
  hash.update(`${key?.length ?? -1}:${value?.length ?? -1}:`)
  if (key) hash.update(key)
  if (value) hash.update(value)
  return `${topic}:${partition}:${offset}@${timestamp}-${hash.digest('hex').slice(0, DIGEST_CHARACTERS)}`
}
