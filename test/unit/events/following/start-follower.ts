import { onTestFinished } from 'vitest'
import { CommittedFollower } from '../../../../src/events/following/committed-follower.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'

const record = (offset: bigint): KafkaRecord => {
  const key = Buffer.from(offset.toString(16).padStart(8, '0').padEnd(32, 'f'))
  return { topic: 't', partition: 0, offset, key, value: null, headers: {}, timestamp: 0 }
}

interface State {
  committed: bigint | undefined
  fingerprint: string
  low: bigint
  isAssigned: boolean
  /** Offsets without a record, as of control markers and aborted transactions. */
  gone: ReadonlySet<bigint>
  /** Where it has read from. */
  reads: bigint[]
  size: bigint
  refuseCommits: boolean
  mayHandle: boolean
  /** How often it was told that it may not. */
  waits: number
  commit: () => Promise<void>
  handle: (record: KafkaRecord) => Promise<void>
}

/** A partition with `size` records and the group's committed offset, as plain variables. */
export function follower({ size = 10n, committed = 0n as bigint | undefined, oldest = 0n, gone = [] as bigint[] } = {}) {
  const works = { commit: async () => {}, handle: async () => {} }
  const base = { committed, fingerprint: '', size, low: oldest, isAssigned: true, gone: new Set(gone), reads: [] }
  const state: State = { ...base, refuseCommits: false, mayHandle: true, waits: 0, ...works }
  const handled: bigint[] = []
  const made = new CommittedFollower(
    { maxUncommitted: 6, idleMs: 5, retryMs: 5 },
    {
      read: async (from) => {
        state.reads.push(from)
        if (from < state.low || from > state.size) throw new RangeError('out of range')
        const all = Array.from({ length: Number(state.size - from) }, (_, index) => record(from + BigInt(index)))
        return { records: all.filter(({ offset }) => !state.gone.has(offset)), next: state.size }
      },
      bounds: async () => ({ low: state.low, high: state.size }),
      committed: async () =>
        state.committed === undefined
          ? undefined
          : { next: state.committed, isInRange: state.committed >= state.low && state.committed <= state.size },
      commit: async ({ next, fingerprint }) => {
        if (state.refuseCommits) throw new Error('another generation')
        await state.commit()
        Object.assign(state, { committed: next, fingerprint })
      },
      isAssigned: () => state.isAssigned,
      mayHandle: () => {
        if (!state.mayHandle) state.waits += 1
        return state.mayHandle
      },
      handle: async (one) => {
        await state.handle(one)
        handled.push(one.offset)
      },
      isOutOfRange: (error) => error instanceof RangeError,
      onError: () => {},
      clock: SYSTEM_CLOCK,
    },
  )
  onTestFinished(() => made.stop())
  const assign = (isAssigned: boolean) => {
    state.isAssigned = isAssigned
    return made.restart()
  }
  return { made, assign, state, handled }
}
