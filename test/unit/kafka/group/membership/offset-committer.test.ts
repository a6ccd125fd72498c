import { expect, onTestFinished, test, vi } from 'vitest'
import type { CommitPoint } from '../../../../../src/kafka/group/membership/group-offsets.ts'
import { OffsetCommitter } from '../../../../../src/kafka/group/membership/offset-committer.ts'

const MEMBERSHIP = { generationId: 3, memberId: 'm' }

function committerWith(commit: (points: readonly CommitPoint[]) => Promise<void>) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const position = { next: 0n, committed: 0n }
  const errors: unknown[] = []
  const committer = new OffsetCommitter(
    { intervalMs: 100 },
    {
      collect: () => {
        const points = [{ topic: 't', partition: 0, next: position.next }]
        return position.next > position.committed ? { membership: MEMBERSHIP, points } : undefined
      },
      commit: async ({ points }) => {
        await commit(points)
        position.committed = points[0]?.next ?? 0n
      },
      onError: (error) => errors.push(error),
    },
  )
  const advance = (next: bigint) => {
    position.next = next
    committer.schedule()
  }
  return { committer, advance, errors }
}

test('many records cost one commit per interval', async () => {
  const commits: bigint[] = []
  const { advance } = committerWith(async ([point]) => void commits.push(point?.next ?? -1n))
  for (let next = 1n; next <= 50n; next++) advance(next)
  await vi.advanceTimersByTimeAsync(99)
  expect(commits).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(commits).toEqual([50n])
  await vi.advanceTimersByTimeAsync(1000)
  expect(commits).toEqual([50n])
})

test('a failed commit is repeated with all offsets finished by then', async () => {
  const commits: bigint[] = []
  const { advance, errors } = committerWith(async ([point]) => {
    commits.push(point?.next ?? -1n)
    if (commits.length === 1) throw new Error('the coordinator moved')
  })
  advance(5n)
  await vi.advanceTimersByTimeAsync(100)
  advance(8n)
  await vi.advanceTimersByTimeAsync(100)
  expect(commits).toEqual([5n, 8n])
  expect(errors).toHaveLength(1)
})

test('flush waits for the commit in flight and never runs two at once', async () => {
  let running = 0
  let atOnce = 0
  const { committer, advance } = committerWith(async () => {
    running += 1
    atOnce = Math.max(atOnce, running)
    await new Promise((resolve) => setTimeout(resolve, 50))
    running -= 1
  })
  advance(1n)
  const first = committer.flush()
  advance(2n)
  const second = committer.flush()
  await vi.advanceTimersByTimeAsync(100)
  await Promise.all([first, second])
  expect(atOnce).toBe(1)
  committer.stop()
})
