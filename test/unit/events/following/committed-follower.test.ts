import { expect, onTestFinished, test } from 'vitest'
import { CommittedFollower } from '../../../../src/events/following/committed-follower.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { eventually } from '../../../support/eventually.ts'

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
function follower({ size = 10n, committed = 0n as bigint | undefined, oldest = 0n, gone = [] as bigint[] } = {}) {
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

test('handles each record once from the committed offset and commits after the effect', async () => {
  const { assign, state, handled } = follower({ committed: 4n })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(10n))
  expect(handled).toEqual([4n, 5n, 6n, 7n, 8n, 9n])
})

test('starts at the oldest record when nothing was committed, or when the committed offset no longer exists', async () => {
  const none = follower({ committed: undefined, oldest: 7n })
  await none.assign(true)
  await eventually(() => expect(none.handled).toEqual([7n, 8n, 9n]))
  const gone = follower({ committed: 2n, oldest: 7n })
  await gone.assign(true)
  await eventually(() => expect(gone.handled).toEqual([7n, 8n, 9n]))
})

test('after a refused commit and a rejoin it continues at its position, so nothing is repeated', async () => {
  const { assign, state, handled } = follower({ size: 3n })
  state.refuseCommits = true
  await assign(true)
  await eventually(() => expect(handled).toHaveLength(3))
  state.refuseCommits = false
  await assign(true)
  state.size = 4n
  await eventually(() => expect(state.committed).toBe(4n))
  expect(handled).toEqual([0n, 1n, 2n, 3n])
})

test('after a commit of another instance it begins at the committed offset', async () => {
  const { assign, state, handled } = follower({ size: 3n })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(3n))
  await assign(false)
  Object.assign(state, { committed: 8n, size: 10n })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(10n))
  expect(handled).toEqual([0n, 1n, 2n, 8n, 9n])
})

test('a partition in which the committed offset is meaningless is read from its oldest record, even if followed before', async () => {
  const { assign, state, handled } = follower({ committed: 4n, size: 6n })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(6n))
  handled.length = 0
  Object.assign(state, { committed: undefined, size: 2n })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(2n))
  expect(handled).toEqual([0n, 1n])
})

test('after a freeze nothing is handled until the group has answered, and nothing after a reassignment', async () => {
  const { assign, state, handled } = follower({ size: 3n })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(3n))
  Object.assign(state, { mayHandle: false, size: 6n })
  await eventually(() => expect(state.waits).toBeGreaterThan(3))
  expect(handled).toHaveLength(3)
  state.mayHandle = true
  await eventually(() => expect(state.committed).toBe(6n))
  Object.assign(state, { mayHandle: false, size: 9n, waits: 0 })
  await eventually(() => expect(state.waits).toBeGreaterThan(3))
  await assign(false)
  expect(handled).toHaveLength(6)
})

test('commits carry the fingerprint of the record before them', async () => {
  const { assign, state } = follower({ size: 2n })
  await assign(true)
  await eventually(() => expect(state.fingerprint).toBe('00000001'))
})

test('while commits fail, no more records are handled than may be repeated, and work continues when they succeed', async () => {
  const { assign, state, handled } = follower({ size: 20n })
  let tries = 0
  state.commit = async () => {
    tries += 1
    throw new Error('the coordinator is away')
  }
  await assign(true)
  await eventually(() => expect(tries).toBeGreaterThan(10))
  expect(handled).toEqual([0n, 1n, 2n, 3n, 4n, 5n])
  state.commit = async () => {}
  await eventually(() => expect(state.committed).toBe(20n))
  expect(handled).toHaveLength(20)
})

test('after a stop during a refused commit nothing more is committed', async () => {
  const { made, assign, state, handled } = follower({ size: 20n })
  const refusals: ((error: Error) => void)[] = []
  state.commit = () => new Promise((_, reject) => refusals.push(reject))
  await assign(true)
  await eventually(() => expect(handled).toHaveLength(6))
  const stopped = made.stop()
  refusals[0]?.(new Error('another generation'))
  await stopped
  await new Promise((resolve) => setImmediate(resolve))
  expect(refusals).toHaveLength(1)
})

test('a stop returns although an effect hangs', async () => {
  const { made, assign, state } = follower()
  state.handle = () => new Promise(() => {})
  await assign(true)
  await made.stop()
  expect(state.committed).toBe(0n)
})

test('slow commits delay no effect until a crash would repeat more than the bound', async () => {
  const { assign, state, handled } = follower({ size: 20n })
  let answer = () => {}
  state.commit = () => new Promise((resolve) => (answer = resolve))
  await assign(true)
  await eventually(() => expect(handled).toHaveLength(6))
  state.commit = async () => {}
  answer()
  await eventually(() => expect(handled).toHaveLength(20))
})

test('offsets without a record are passed, and committed: lag reaches 0', async () => {
  const { assign, state, handled } = follower({ size: 5n, gone: [0n, 3n, 4n] })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(5n))
  expect(handled).toEqual([1n, 2n])
  expect(state.fingerprint).toBe('00000002')
})

test('an event log with only control markers is passed too', async () => {
  const { assign, state } = follower({ size: 2n, gone: [0n, 1n] })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(2n))
})

test('after a truncation of the event log it continues at the new end, and repeats nothing', async () => {
  const { made, assign, state, handled } = follower({ size: 8n })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(8n))
  state.size = 5n
  state.reads = []
  await made.restart({ atMost: 5n })
  await eventually(() => expect(state.reads).toContain(5n))
  state.size = 7n
  await eventually(() => expect(state.committed).toBe(7n))
  expect(handled).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 5n, 6n])
})

test('an offset beyond the end of an event log that has lost its first records means that its last ones are lost too', async () => {
  const { assign, state, handled } = follower({ committed: 50n, size: 20n, oldest: 10n })
  await assign(true)
  await eventually(() => expect(state.reads).toContain(20n))
  state.size = 22n
  await eventually(() => expect(state.committed).toBe(22n))
  expect(handled.every((offset) => offset >= 20n)).toBe(true)
})

test('an offset beyond the end of an event log that begins at 0 means that it was created again: it is read completely', async () => {
  const { assign, state, handled } = follower({ committed: 50n, size: 2n })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(2n))
  expect(handled).toEqual([0n, 1n])
})
