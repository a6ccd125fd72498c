import { expect, test } from 'vitest'
import { eventually } from '../../../support/eventually.ts'
import { follower } from './start-follower.ts'

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

test('effects that are under way through several rejoins are not begun again', async () => {
  const { assign, state, handled } = follower({ size: 5n })
  const leaderIsBack = Promise.withResolvers<void>()
  let begun = 0
  state.handle = () => {
    begun += 1
    return leaderIsBack.promise
  }
  for (let rejoin = 1; rejoin <= 5; rejoin++) {
    await assign(true)
    await eventually(() => expect(state.reads).toHaveLength(rejoin))
  }
  expect(begun).toBe(5)
  leaderIsBack.resolve()
  await eventually(() => expect(state.committed).toBe(5n))
  expect(handled).toEqual([0n, 1n, 2n, 3n, 4n])
  expect(begun).toBe(5)
})

test('an effect that has failed is begun again', async () => {
  const { assign, state, handled } = follower({ size: 3n })
  let failures = 2
  state.handle = async ({ offset }) => {
    if (offset === 1n && failures-- > 0) throw new Error('not yet')
  }
  await assign(true)
  await eventually(() => expect(state.committed).toBe(3n))
  expect(handled).toEqual([0n, 2n, 1n])
})

test('after a commit whose answer was lost it continues at its position', async () => {
  const { assign, state, handled } = follower({ size: 3n })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(3n))
  state.commit = async () => {
    state.committed = state.size
    throw new Error('the coordinator does not answer')
  }
  state.size = 6n
  await eventually(() => expect(handled).toHaveLength(6))
  await eventually(() => expect(state.committed).toBe(6n))
  state.commit = async () => {}
  await assign(true)
  state.size = 7n
  await eventually(() => expect(state.committed).toBe(7n))
  expect(handled).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n])
})

test('another event log is read from its committed offset, whatever the position in the one before', async () => {
  const { made, assign, state, handled } = follower({ size: 6n })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(6n))
  handled.length = 0
  state.refuseCommits = true
  state.size = 9n
  await eventually(() => expect(handled).toEqual([6n, 7n, 8n])) // uncommitted
  Object.assign(state, { refuseCommits: false, committed: 7n })
  await made.restart({ isOtherLog: true })
  await eventually(() => expect(state.committed).toBe(9n))
  expect(handled).toEqual([6n, 7n, 8n, 7n, 8n])
})

test('records that replace uncommitted ones after a truncation are handled', async () => {
  const { made, assign, state, handled } = follower({ size: 3n })
  await assign(true)
  await eventually(() => expect(state.committed).toBe(3n))
  state.refuseCommits = true
  state.size = 6n
  await eventually(() => expect(handled).toHaveLength(6))
  state.refuseCommits = false
  state.size = 4n
  await made.restart({ atMost: 4n })
  await eventually(() => expect(handled).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 3n]))
  state.size = 6n
  await eventually(() => expect(state.committed).toBe(6n))
  expect(handled.slice(7)).toEqual([4n, 5n])
})

test('records that replace others whose effects are under way after a truncation are handled', async () => {
  const { made, assign, state } = follower({ size: 6n })
  const begun: bigint[] = []
  const leaderIsBack = Promise.withResolvers<void>()
  state.handle = ({ offset }) => {
    begun.push(offset)
    return leaderIsBack.promise
  }
  await assign(true)
  await eventually(() => expect(begun).toHaveLength(6))
  state.size = 3n
  await made.restart({ atMost: 3n })
  leaderIsBack.resolve()
  await eventually(() => expect(state.committed).toBe(3n))
  state.size = 6n
  await eventually(() => expect(state.committed).toBe(6n))
  expect(begun).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 3n, 4n, 5n])
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
