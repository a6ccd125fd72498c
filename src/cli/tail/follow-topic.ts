import type { PositionMove } from '../../kafka/reader/partition-position.ts'
import type { FollowCursor, PartitionReader } from '../../kafka/reader/partition-reader.ts'
import type { KafkaRecord } from '../../kafka/record.ts'
import type { FetchedPartition } from '../../kafka/wire/fetched-partition.ts'
import type { Clock } from '../../lifecycle/clock.ts'
import { sleep } from '../../lifecycle/time.ts'

/** The start in each partition. */
export type Start = 'earliest' | 'latest' | { readonly offset: bigint } | { readonly time: number }

export interface FollowOptions {
  readonly from: Start
  /** Stops at the end that the topic has at the start, instead of waiting for more. */
  readonly untilEnd: boolean
}

export type FollowReader = Pick<PartitionReader, 'follow' | 'bounds' | 'offsetAt'>

/** Why reading goes on elsewhere; `beyond-end`: the user asked for an offset that the topic does not have yet. */
export type FollowMove = Omit<PositionMove, 'reason'> & { readonly reason: PositionMove['reason'] | 'beyond-end' }

export interface FollowDeps {
  /** One reader per current partition. Called again from time to time, because partitions may be added. */
  readonly readers: () => Promise<readonly FollowReader[]>
  /** Stops when this returns false. */
  readonly onRecord: (record: KafkaRecord) => boolean | Promise<boolean>
  /** Called once for each time that reading cannot continue at its offset. */
  readonly onMove: (partition: number, move: FollowMove) => void
  /** Called once for each open transaction that holds back the records from its first offset on. */
  readonly onHeld: (partition: number, offset: bigint) => void
  /** Called when the topic, created again, has no such partition any more. */
  readonly onGone: (partition: number) => void
  readonly isGone: (error: unknown) => boolean
  readonly signal: AbortSignal
  readonly clock: Pick<Clock, 'steady'>
}

const POLL_MS = 200
const LOOK_FOR_PARTITIONS_MS = 5000
/** Transactions end within moments; one that takes longer is worth a line to somebody who waits. */
const SAY_HELD_AFTER_MS = 5000

interface Position {
  readonly partition: number
  readonly reader: FollowReader
  readonly cursor: FollowCursor
  /** Where the partition ended at the start. */
  end: bigint
  /** Even at its end a partition is read once, to see whether a transaction holds back more. */
  hasRead: boolean
  held: { readonly offset: bigint; readonly since: number; isSaid: boolean } | undefined
}

/** Delivers the existing records of a topic, then new ones, in order within each partition, until it is stopped. */
export async function followTopic({ from, untilEnd }: FollowOptions, deps: FollowDeps): Promise<void> {
  const { signal, clock } = deps
  const positions = new Map<number, Position>()
  await addPartitions(positions, from, deps)
  let lookedAt = clock.steady()
  while (!signal.aborted) {
    let hasMoved = false
    for (const position of positions.values()) {
      if (untilEnd && isAtEnd(position)) continue
      const before = position.cursor.next
      const result = await readOn(position, deps, untilEnd)
      if (result === 'stop') return
      if (result === 'gone') positions.delete(position.partition)
      if (position.cursor.next !== before) hasMoved = true
    }
    if (untilEnd && [...positions.values()].every(isAtEnd)) return
    if (!hasMoved) await sleep(POLL_MS, signal)
    if (untilEnd || signal.aborted || clock.steady() - lookedAt < LOOK_FOR_PARTITIONS_MS) continue
    // All records of a new partition are new. While the topic is created again there is none: then the next read reports what is wrong.
    await addPartitions(positions, 'earliest', deps).catch(() => {})
    lookedAt = clock.steady()
  }
}

function isAtEnd({ cursor, end, hasRead }: Position): boolean {
  return hasRead && cursor.next >= end
}

async function addPartitions(positions: Map<number, Position>, from: Start, deps: FollowDeps): Promise<void> {
  const readers = await deps.readers()
  const added = [...readers.entries()].filter(([partition]) => !positions.has(partition))
  const found = await Promise.all(added.map(([partition, reader]) => startOf(partition, reader, from, deps)))
  for (const position of found) positions.set(position.partition, position)
}

async function startOf(partition: number, reader: FollowReader, from: Start, { onMove }: FollowDeps): Promise<Position> {
  const { low, high } = await reader.bounds()
  const at = (next: bigint): Position => ({
    partition,
    reader,
    cursor: reader.follow(next),
    end: high,
    hasRead: false,
    held: undefined,
  })
  if (from === 'earliest') return at(low)
  if (from === 'latest') return at(high)
  if ('time' in from) return at(await reader.offsetAt(from.time))
  const requested = from.offset
  const next = requested < low ? low : requested > high ? high : requested
  if (next !== requested) onMove(partition, { reason: requested < low ? 'expired' : 'beyond-end', requested, next })
  return at(next)
}

/** One answer, or the reason why there is none. */
async function readOn(position: Position, deps: FollowDeps, untilEnd: boolean): Promise<'read' | 'stop' | 'gone'> {
  const { partition, cursor, reader } = position
  try {
    const { fetched, move } = await cursor.readOn()
    if (move) {
      deps.onMove(partition, move)
      position.end = (await reader.bounds()).high // the old end may never come
      return 'read'
    }
    position.hasRead = true
    for (const record of fetched.records) {
      if (deps.signal.aborted || (untilEnd && record.offset >= position.end)) break
      if (!(await deps.onRecord(record))) return 'stop'
    }
    watchTransaction(position, fetched, deps, untilEnd)
    return 'read'
  } catch (error) {
    if (!deps.isGone(error)) throw error
    deps.onGone(partition)
    return 'gone'
  }
}

/** Says once why reading does not go on although there are more records. */
function watchTransaction(position: Position, fetched: FetchedPartition, { clock, onHeld }: FollowDeps, untilEnd: boolean): void {
  const { nextOffset, lastStableOffset, highWatermark } = fetched
  if (nextOffset < lastStableOffset || lastStableOffset >= highWatermark) {
    position.held = undefined
    return
  }
  const now = clock.steady()
  if (position.held?.offset !== lastStableOffset) position.held = { offset: lastStableOffset, since: now, isSaid: false }
  if (position.held.isSaid || !(untilEnd || now - position.held.since >= SAY_HELD_AFTER_MS)) return
  position.held.isSaid = true
  onHeld(position.partition, lastStableOffset)
}
