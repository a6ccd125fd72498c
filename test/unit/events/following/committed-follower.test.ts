import { expect, test } from 'vitest'
import { eventually } from '../../../support/eventually.ts'
import { follower } from './start-follower.ts'

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
