import type { PartitionReader } from '../../kafka/reader/partition-reader.ts'
import type { KafkaRecord } from '../../kafka/record.ts'
import type { Clock } from '../../lifecycle/clock.ts'
import { sleep } from '../../lifecycle/time.ts'

/** The start in each partition. */
export type Start = 'earliest' | 'latest' | { readonly offset: bigint } | { readonly time: number }

export interface FollowOptions {
  readonly from: Start
  /** Stops at the end that the topic has at the start, instead of waiting for more. */
  readonly untilEnd: boolean
}

export type FollowReader = Pick<PartitionReader, 'read' | 'bounds' | 'offsetAt'>

export interface FollowDeps {
  /** One reader per current partition. Called again from time to time, because partitions may be added. */
  readonly readers: () => Promise<readonly FollowReader[]>
  /** Stops when this returns false. */
  readonly onRecord: (record: KafkaRecord) => boolean
  /** Called if the topic does not have the next offset. */
  readonly onGap: (partition: number, requested: bigint, next: bigint) => void
  readonly isOutOfRange: (error: unknown) => boolean
  readonly signal: AbortSignal
  readonly clock: Pick<Clock, 'steady'>
}

const POLL_MS = 200
const LOOK_FOR_PARTITIONS_MS = 5000

interface Position {
  readonly partition: number
  readonly reader: FollowReader
  next: bigint
  readonly end: bigint
}

/** Delivers the existing records of a topic, then new ones, in order within each partition, until it is stopped. */
export async function followTopic({ from, untilEnd }: FollowOptions, deps: FollowDeps): Promise<void> {
  const { signal, clock } = deps
  const positions: Position[] = []
  await addPartitions(positions, from, deps)
  let lookedAt = clock.steady()
  while (!signal.aborted) {
    let hasMoved = false
    for (const position of positions) {
      if (untilEnd && position.next >= position.end) continue
      const before = position.next
      if (!(await readOn(position, deps, untilEnd))) return
      if (position.next > before) hasMoved = true
    }
    if (untilEnd && positions.every(({ next, end }) => next >= end)) return
    if (!hasMoved) await sleep(POLL_MS, signal)
    if (untilEnd || signal.aborted || clock.steady() - lookedAt < LOOK_FOR_PARTITIONS_MS) continue
    await addPartitions(positions, 'earliest', deps) // all records of a new partition are new
    lookedAt = clock.steady()
  }
}

async function addPartitions(positions: Position[], from: Start, deps: FollowDeps): Promise<void> {
  const readers = await deps.readers()
  const added = readers.slice(positions.length).map((reader, index) => ({ reader, partition: positions.length + index }))
  positions.push(...(await Promise.all(added.map((each) => startOf(each, from, deps)))))
}

type Place = Pick<Position, 'partition' | 'reader'>

async function startOf(place: Place, from: Start, { onGap }: FollowDeps): Promise<Position> {
  const { low, high } = await place.reader.bounds()
  if (from === 'earliest') return { ...place, next: low, end: high }
  if (from === 'latest') return { ...place, next: high, end: high }
  if ('time' in from) return { ...place, next: await place.reader.offsetAt(from.time), end: high }
  const next = from.offset < low ? low : from.offset > high ? high : from.offset
  if (next !== from.offset) onGap(place.partition, from.offset, next)
  return { ...place, next, end: high }
}

async function readOn(position: Position, { onRecord, onGap, isOutOfRange, signal }: FollowDeps, untilEnd: boolean): Promise<boolean> {
  const { partition, reader } = position
  try {
    const { records, next } = await reader.read(position.next)
    for (const record of records) {
      if (signal.aborted || (untilEnd && record.offset >= position.end)) break
      if (!onRecord(record)) return false
    }
    position.next = next
  } catch (error) {
    if (!isOutOfRange(error)) throw error
    const { low, high } = await reader.bounds()
    const next = position.next < low ? low : high
    onGap(partition, position.next, next)
    position.next = next
  }
  return true
}
