import { expect, onTestFinished, test, vi } from 'vitest'
import { PartitionWorker, type PartitionWorkerDeps, type RecordOutcome } from '../../../../src/kafka/group/partition-worker.ts'
import { UndecodableRecord } from '../../../../src/kafka/group/reading/undecodable-record.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'

class TransientError extends Error {}

const record = (offset: bigint): KafkaRecord => ({
  topic: 't',
  partition: 0,
  offset,
  key: null,
  value: Buffer.from(`${offset}`),
  headers: {},
  timestamp: 0,
})

const batch = (from: bigint, count: number) => Array.from({ length: count }, (_, index) => record(from + BigInt(index)))

function workerWith(deps: Partial<PartitionWorkerDeps>, { maxInFlight = 4, from = 0n } = {}) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const outcomes: [bigint, RecordOutcome][] = []
  const waits: string[] = []
  const worker = new PartitionWorker(
    { maxInFlight, firstRetryMs: 100, longestRetryMs: 400 },
    {
      handle: async () => {},
      deadLetter: async () => {},
      isTransient: (error) => error instanceof TransientError,
      mayStart: () => true,
      onOutcome: ({ offset }, outcome) => outcomes.push([offset, outcome]),
      onWait: (wait) => waits.push(wait ? `waits at ${wait.record.offset}` : 'goes on'),
      ...deps,
    },
    from,
  )
  return { worker, outcomes, waits, settle: () => vi.advanceTimersByTimeAsync(0) }
}

test('calls handlers in order, no more at once than allowed, and counts as done only without a gap', async () => {
  const called: bigint[] = []
  const finish = new Map<bigint, () => void>()
  const handle = ({ offset }: KafkaRecord) => {
    called.push(offset)
    return new Promise<void>((resolve) => finish.set(offset, resolve))
  }
  const { worker, settle } = workerWith({ handle }, { maxInFlight: 2, from: 10n })
  worker.add(batch(10n, 4), 15n)
  expect(called).toEqual([10n, 11n])
  finish.get(11n)?.()
  await settle()
  expect(called).toEqual([10n, 11n, 12n])
  expect(worker.done()).toBe(10n)
  finish.get(10n)?.()
  await settle()
  expect(worker.done()).toBe(12n)
  finish.get(12n)?.()
  finish.get(13n)?.()
  await settle()
  expect(worker.done()).toBe(15n) // behind the batch, which had something unseen at its end
  expect(worker.backlog()).toEqual({ records: 0, bytes: 0 })
})

test.each([
  [
    'a TypeError',
    () => {
      throw new TypeError('x')
    },
  ],
  ['a rejection', () => Promise.reject(new Error('x'))],
  ['nothing', () => Promise.reject(undefined)],
])('%s thrown by a handler goes to the dead letters', async (_, handle) => {
  const dead: bigint[] = []
  const { worker, outcomes, settle } = workerWith({ handle, deadLetter: async ({ offset }) => void dead.push(offset) })
  worker.add(batch(0n, 2), 2n)
  await settle()
  expect(dead).toEqual([0n, 1n])
  expect(outcomes).toEqual([
    [0n, 'dead-letter'],
    [1n, 'dead-letter'],
  ])
  expect(worker.done()).toBe(2n)
})

test('after a transient error only the oldest record is retried, with back-off, and then all in order', async () => {
  const called: bigint[] = []
  let isOver = false
  const handle = async ({ offset }: KafkaRecord) => {
    called.push(offset)
    if (!isOver) throw new TransientError('away')
  }
  const { worker, waits, outcomes } = workerWith({ handle }, { maxInFlight: 3 })
  worker.add(batch(0n, 5), 5n)
  await vi.advanceTimersByTimeAsync(99)
  expect(called).toEqual([0n, 1n, 2n])
  await vi.advanceTimersByTimeAsync(1)
  expect(called).toEqual([0n, 1n, 2n, 0n])
  await vi.advanceTimersByTimeAsync(199)
  expect(called).toHaveLength(4)
  isOver = true
  await vi.advanceTimersByTimeAsync(1)
  expect(called).toEqual([0n, 1n, 2n, 0n, 0n, 1n, 2n, 3n, 4n])
  expect(waits).toEqual(['waits at 0', 'waits at 0', 'goes on'])
  expect(outcomes.map(([offset]) => offset)).toEqual([0n, 1n, 2n, 3n, 4n])
})

test('a dead letter that cannot be written is retried without calling the handler again', async () => {
  let calls = 0
  let tries = 0
  const { worker, settle } = workerWith(
    {
      handle: async () => {
        calls += 1
        throw new Error('never')
      },
      deadLetter: async () => {
        tries += 1
        if (tries < 3) throw new Error('away')
      },
    },
    { maxInFlight: 1 },
  )
  worker.add(batch(0n, 1), 1n)
  await settle()
  expect(worker.done()).toBe(0n)
  await vi.advanceTimersByTimeAsync(300)
  expect([calls, tries, worker.done()]).toEqual([1, 3, 1n])
})

test('an unreadable batch goes to the dead letters as a whole, and no handler sees it', async () => {
  const batchOf = { firstOffset: 0n, lastOffset: 1n, records: 2, codec: 'zstd', cause: 'broken', bytes: Buffer.from('a batch') }
  const dead: [string, string][] = []
  const { worker, settle } = workerWith({
    handle: () => Promise.reject(new Error('must not be called')),
    deadLetter: async ({ value }, error) => void dead.push([`${value}`, (error as Error).name]),
  })
  worker.add([new UndecodableRecord({ topic: 't', partition: 0 }, batchOf)], 2n)
  await settle()
  expect(dead).toEqual([['a batch', 'UndecodableBatchError']])
  expect(worker.done()).toBe(2n)
})

test('one at a time: each record waits until the previous one is done, also while that one is retried', async () => {
  const called: string[] = []
  let fails = 2
  const handle = async ({ offset }: KafkaRecord) => {
    called.push(`begins ${offset}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
    called.push(`ends ${offset}`)
    if (offset === 0n && fails-- > 0) throw new TransientError('away')
  }
  const { worker } = workerWith({ handle }, { maxInFlight: 1 })
  worker.add(batch(0n, 3), 3n)
  await vi.advanceTimersByTimeAsync(1000)
  const once = (offset: number) => [`begins ${offset}`, `ends ${offset}`]
  expect(called).toEqual([...once(0), ...once(0), ...once(0), ...once(1), ...once(2)])
})

test('offsets without a record are done at once, unless earlier records still wait', async () => {
  const { worker, settle } = workerWith({})
  worker.add([], 7n)
  expect(worker.done()).toBe(7n)
  worker.add(batch(7n, 1), 8n)
  worker.add([], 12n)
  expect(worker.done()).toBe(7n)
  await settle()
  expect(worker.done()).toBe(12n)
})

test('on hold, or while the membership is in doubt, it starts no handlers', async () => {
  const called: bigint[] = []
  let isFresh = false
  const { worker } = workerWith({ handle: async ({ offset }) => void called.push(offset), mayStart: () => isFresh })
  worker.add(batch(0n, 1), 1n)
  expect(called).toEqual([])
  worker.hold()
  isFresh = true
  worker.pump()
  expect(called).toEqual([])
  worker.release()
  expect(called).toEqual([0n])
})

test('records that were added already are ignored when they are fetched again', async () => {
  const called: bigint[] = []
  const { worker, settle } = workerWith({ handle: async ({ offset }) => void called.push(offset) })
  worker.add(batch(0n, 3), 3n)
  worker.add(batch(0n, 5), 5n)
  await settle()
  expect(called).toEqual([0n, 1n, 2n, 3n, 4n])
})

test('stop waits for running handlers and starts no others', async () => {
  const called: bigint[] = []
  let finish: () => void = () => {}
  const handle = ({ offset }: KafkaRecord) => {
    called.push(offset)
    return new Promise<void>((resolve) => {
      finish = resolve
    })
  }
  const { worker } = workerWith({ handle }, { maxInFlight: 1 })
  worker.add(batch(0n, 2), 2n)
  const stopped = worker.stop()
  finish()
  await stopped
  expect(called).toEqual([0n])
  expect(worker.done()).toBe(1n)
})

test('a hundred thousand records that are done at once leave other work its turn', async () => {
  const count = 100_000
  let handled = 0
  const { worker } = workerWith({ handle: async () => void handled++ }, { maxInFlight: 100 })
  vi.useRealTimers()
  worker.add(batch(0n, count), BigInt(count))
  let longest = 0
  let before = 0
  while (worker.done() < BigInt(count)) {
    await new Promise((resolve) => setImmediate(resolve))
    longest = Math.max(longest, handled - before)
    before = handled
  }
  expect(handled).toBe(count)
  expect(longest).toBeLessThanOrEqual(1000)
  expect(worker.backlog()).toEqual({ records: 0, bytes: 0 })
})

test('no handler starts after a stop in the middle of many records', async () => {
  let handled = 0
  const { worker } = workerWith({ handle: async () => void handled++ }, { maxInFlight: 100 })
  vi.useRealTimers()
  worker.add(batch(0n, 10_000), 10_000n)
  await worker.stop()
  const before = handled
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(handled).toBe(before)
})
