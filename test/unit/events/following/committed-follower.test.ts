import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { CommittedFollower } from '../../../../src/events/following/committed-follower.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'
import { eventually } from '../../../support/eventually.ts'

const record = (offset: bigint): KafkaRecord => {
  const key = Buffer.from(offset.toString(16).padStart(8, '0').padEnd(32, 'f'))
  return { topic: 't', partition: 0, offset, key, value: null, headers: {}, timestamp: 0 }
}

interface State {
  committed: bigint | undefined
  proof: string
  size: bigint
  refuseCommits: boolean
  mayHandle: boolean
  /** How often it was told that it may not. */
  waits: number
  commit: () => Promise<void>
  handle: (record: KafkaRecord) => Promise<void>
}

/** A partition with `size` records and the group's committed offset, as plain variables. */
function follower({ size = 10n, committed = 0n as bigint | undefined, oldest = 0n } = {}) {
  const works = { commit: async () => {}, handle: async () => {} }
  const state: State = { committed, proof: '', size, refuseCommits: false, mayHandle: true, waits: 0, ...works }
  const handled: bigint[] = []
  const made = new CommittedFollower(
    { maxUncommitted: 6, idleMs: 5, retryMs: 5 },
    {
      read: async (from) => {
        if (from < oldest) throw new RangeError('out of range')
        return Array.from({ length: Number(state.size - from) }, (_, index) => record(from + BigInt(index)))
      },
      oldest: async () => oldest,
      committed: async () => state.committed,
      commit: async (next, proof) => {
        if (state.refuseCommits) throw new Error('another generation')
        await state.commit()
        Object.assign(state, { committed: next, proof })
      },
      isOwner: () => true,
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
      wait: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
    },
  )
  onTestFinished(() => made.stop())
  return { made, state, handled }
}

test('handles each record once from the committed offset and commits after the effect', async () => {
  const { made, state, handled } = follower({ committed: 4n })
  await made.assigned(true)
  await eventually(() => expect(state.committed).toBe(10n))
  expect(handled).toEqual([4n, 5n, 6n, 7n, 8n, 9n])
})

test('starts at the oldest record where nothing was committed, or where the committed one is gone', async () => {
  const none = follower({ committed: undefined, oldest: 7n })
  await none.made.assigned(true)
  await eventually(() => expect(none.handled).toEqual([7n, 8n, 9n]))
  const gone = follower({ committed: 2n, oldest: 7n })
  await gone.made.assigned(true)
  await eventually(() => expect(gone.handled).toEqual([7n, 8n, 9n]))
})

test('after a refused commit and a rejoin it goes on where it was, so nothing is repeated', async () => {
  const { made, state, handled } = follower({ size: 3n })
  state.refuseCommits = true
  await made.assigned(true)
  await eventually(() => expect(handled).toHaveLength(3))
  state.refuseCommits = false
  await made.assigned(true)
  state.size = 4n
  await eventually(() => expect(state.committed).toBe(4n))
  expect(handled).toEqual([0n, 1n, 2n, 3n])
})

test('after somebody else has committed it begins at the committed offset', async () => {
  const { made, state, handled } = follower({ size: 3n })
  await made.assigned(true)
  await eventually(() => expect(state.committed).toBe(3n))
  await made.assigned(false)
  Object.assign(state, { committed: 8n, size: 10n })
  await made.assigned(true)
  await eventually(() => expect(state.committed).toBe(10n))
  expect(handled).toEqual([0n, 1n, 2n, 8n, 9n])
})

test('a partition in which the committed offset means nothing is read from its oldest record, also where it was followed before', async () => {
  const { made, state, handled } = follower({ committed: 4n, size: 6n })
  await made.assigned(true)
  await eventually(() => expect(state.committed).toBe(6n))
  handled.length = 0
  Object.assign(state, { committed: undefined, size: 2n })
  await made.assigned(true)
  await eventually(() => expect(state.committed).toBe(2n))
  expect(handled).toEqual([0n, 1n])
})

test('who was frozen handles nothing until the group has answered, and nothing at all when it has given the partition away', async () => {
  const { made, state, handled } = follower({ size: 3n })
  await made.assigned(true)
  await eventually(() => expect(state.committed).toBe(3n))
  Object.assign(state, { mayHandle: false, size: 6n })
  await eventually(() => expect(state.waits).toBeGreaterThan(3))
  expect(handled).toHaveLength(3)
  state.mayHandle = true
  await eventually(() => expect(state.committed).toBe(6n))
  Object.assign(state, { mayHandle: false, size: 9n, waits: 0 })
  await eventually(() => expect(state.waits).toBeGreaterThan(3))
  await made.assigned(false)
  expect(handled).toHaveLength(6)
})

test('commits go with the proof of the record before them', async () => {
  const { made, state } = follower({ size: 2n })
  await made.assigned(true)
  await eventually(() => expect(state.proof).toBe('00000001'))
})

test('while commits fail no more is handled than may be repeated, and all goes on when they succeed', async () => {
  const { made, state, handled } = follower({ size: 20n })
  let tries = 0
  state.commit = async () => {
    tries += 1
    throw new Error('the coordinator is away')
  }
  await made.assigned(true)
  await eventually(() => expect(tries).toBeGreaterThan(10))
  expect(handled).toEqual([0n, 1n, 2n, 3n, 4n, 5n])
  state.commit = async () => {}
  await eventually(() => expect(state.committed).toBe(20n))
  expect(handled).toHaveLength(20)
})

test('who is stopped while a commit is refused commits nothing more', async () => {
  const { made, state, handled } = follower({ size: 20n })
  const refusals: ((error: Error) => void)[] = []
  state.commit = () => new Promise((_, reject) => refusals.push(reject))
  await made.assigned(true)
  await eventually(() => expect(handled).toHaveLength(6))
  const stopped = made.stop()
  refusals[0]?.(new Error('another generation'))
  await stopped
  await new Promise((resolve) => setImmediate(resolve))
  expect(refusals).toHaveLength(1)
})

test('a stop returns although an effect hangs', async () => {
  const { made, state } = follower()
  state.handle = () => new Promise(() => {})
  await made.assigned(true)
  await made.stop()
  expect(state.committed).toBe(0n)
})

test('slow commits hold up no effect, until more would be repeated after a crash than may', async () => {
  const { made, state, handled } = follower({ size: 20n })
  let answer = () => {}
  state.commit = () => new Promise((resolve) => (answer = resolve))
  await made.assigned(true)
  await eventually(() => expect(handled).toHaveLength(6))
  state.commit = async () => {}
  answer()
  await eventually(() => expect(handled).toHaveLength(20))
})
