import { setTimeout as pause } from 'node:timers/promises'
import type { PartitionReader } from '../../kafka/reader/partition-reader.ts'
import type { KafkaRecord } from '../../kafka/record.ts'

/** Where to begin in each partition. */
export type Start = 'earliest' | 'latest' | { readonly offset: bigint } | { readonly time: number }

export interface FollowOptions {
  readonly from: Start
  /** Stop at the end that the topic has at the start, rather than wait for more. */
  readonly untilEnd: boolean
}

export interface FollowDeps {
  /** One reader for each partition. */
  readonly readers: readonly Pick<PartitionReader, 'read' | 'bounds' | 'offsetAt'>[]
  /** Stops when this returns false. */
  readonly onRecord: (record: KafkaRecord) => boolean
  readonly onGap: (partition: number, requested: bigint, next: bigint) => void
  readonly isOutOfRange: (error: unknown) => boolean
  readonly signal: AbortSignal
}

const POLL_MS = 200

interface Position {
  next: bigint
  readonly end: bigint
}

/** Hands over the existing records of a topic, then new ones, in order within each partition, until told to stop. */
export async function followTopic({ from, untilEnd }: FollowOptions, deps: FollowDeps): Promise<void> {
  const positions = await Promise.all(deps.readers.map((reader) => startOf(reader, from)))
  while (!deps.signal.aborted) {
    let hasMoved = false
    for (const [partition, position] of positions.entries()) {
      if (untilEnd && position.next >= position.end) continue
      const before = position.next
      if (!(await readOn(partition, position, deps, untilEnd))) return
      if (position.next > before) hasMoved = true
    }
    if (untilEnd && positions.every(({ next, end }) => next >= end)) return
    if (!hasMoved) await pause(POLL_MS, undefined, { signal: deps.signal }).catch(() => {}) // aborted: the loop ends
  }
}

async function startOf(reader: FollowDeps['readers'][number], from: Start): Promise<Position> {
  const { low, high } = await reader.bounds()
  if (from === 'earliest') return { next: low, end: high }
  if (from === 'latest') return { next: high, end: high }
  const wanted = 'time' in from ? await reader.offsetAt(from.time) : from.offset
  const next = wanted < low ? low : wanted
  return { next: next > high ? high : next, end: high }
}

async function readOn(partition: number, position: Position, deps: FollowDeps, untilEnd: boolean): Promise<boolean> {
  const reader = deps.readers[partition]
  if (!reader) return true
  try {
    const { records, next } = await reader.read(position.next)
    for (const record of records) {
      if (deps.signal.aborted || (untilEnd && record.offset >= position.end)) break
      if (!deps.onRecord(record)) return false
    }
    position.next = next
  } catch (error) {
    if (!deps.isOutOfRange(error)) throw error
    const { low, high } = await reader.bounds()
    const next = position.next < low ? low : high
    deps.onGap(partition, position.next, next)
    position.next = next
  }
  return true
}
