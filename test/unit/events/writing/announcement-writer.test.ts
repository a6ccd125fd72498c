import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { AnnouncementWriter } from '../../../../src/events/writing/announcement-writer.ts'
import type { OutgoingRecord } from '../../../../src/kafka/record.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

const record = (id: string): OutgoingRecord => ({ key: id, value: Buffer.from(id), headers: {} })

/** A writer among plain variables: `state` is what the group and the tail would say, `written` what reached the event log. */
function writer({ rank = 1, ackMs = 1, maxEntries = 1000 } = {}) {
  const state = { isPrimary: false, tailIsLive: true, failing: false, ackMs }
  const written: string[] = []
  const dropped: string[] = []
  const made = new AnnouncementWriter(
    { maxEntries, maxBytes: 1e6, maxAgeMs: 60_000 },
    {
      write: async (outgoing) => {
        await new Promise((resolve) => setTimeout(resolve, state.ackMs))
        if (state.failing) throw new Error('the broker is away')
        written.push(String(outgoing.key))
        return 'acknowledged'
      },
      isPrimary: () => state.isPrimary,
      tailIsLive: () => state.tailIsLive,
      rank: () => rank,
      onDropped: ({ key }) => dropped.push(String(key)),
      onWritten: () => {},
      onWriteError: () => {},
      clock: { steady: () => performance.now() },
    },
  )
  onTestFinished(async () => {
    const stopped = made.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    await stopped
    vi.useRealTimers()
  })
  return { made, state, written, dropped }
}

test('the primary writes at once, in order', async () => {
  const { made, state, written } = writer()
  state.isPrimary = true
  for (const id of ['a', 'b', 'c']) made.offer(id, record(id))
  await vi.advanceTimersByTimeAsync(10)
  expect(written).toEqual(['a', 'b', 'c'])
  expect(made.queued().records).toBe(0)
})

test('after a large batch the next one waits a moment for more records', async () => {
  const { made, state, written } = writer()
  state.isPrimary = true
  for (const id of ['a', 'b', 'c', 'd']) made.offer(id, record(id))
  await vi.advanceTimersByTimeAsync(2)
  made.offer('e', record('e'))
  await vi.advanceTimersByTimeAsync(1)
  made.offer('f', record('f'))
  expect(written).toHaveLength(4)
  expect(made.queued().records).toBe(2)
  await vi.advanceTimersByTimeAsync(4)
  expect(written).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})

test('another instance writes only announcements that its tail has not read when its turn comes', async () => {
  const { made, written } = writer({ rank: 2 })
  made.offer('heard-by-all', record('heard-by-all'))
  made.offer('heard-here-only', record('heard-here-only'))
  await vi.advanceTimersByTimeAsync(900)
  made.cameBy('heard-by-all')
  expect(written).toEqual([])
  await vi.advanceTimersByTimeAsync(300)
  expect(written).toEqual(['heard-here-only'])
})

test('waiting counts only while the tail is live, and restarts when it becomes live', async () => {
  const { made, state, written } = writer({ rank: 1 })
  made.offer('a', record('a'))
  await vi.advanceTimersByTimeAsync(300)
  state.tailIsLive = false
  await vi.advanceTimersByTimeAsync(5000)
  expect(written).toEqual([])
  state.tailIsLive = true
  await vi.advanceTimersByTimeAsync(400)
  expect(written).toEqual([])
  await vi.advanceTimersByTimeAsync(300)
  expect(written).toEqual(['a'])
})

test('a primary whose tail is not live waits: it may have been frozen while others wrote its announcements', async () => {
  const { made, state, written } = writer()
  Object.assign(state, { isPrimary: true, tailIsLive: false })
  made.offer('a', record('a'))
  await vi.advanceTimersByTimeAsync(3000)
  expect(written).toEqual([])
  made.cameBy('a')
  state.tailIsLive = true
  await vi.advanceTimersByTimeAsync(3000)
  expect(written).toEqual([])
})

test('a new primary writes later announcements at once; earlier ones wait for their turn, because others may be writing them', async () => {
  const { made, state, written } = writer({ rank: 2 })
  for (const id of ['on its way', 'lost']) made.offer(id, record(id))
  await vi.advanceTimersByTimeAsync(900)
  state.isPrimary = true
  made.offer('new', record('new'))
  await vi.advanceTimersByTimeAsync(100)
  expect(written).toEqual(['new'])
  await vi.advanceTimersByTimeAsync(500)
  made.cameBy('on its way')
  expect(written).toEqual(['new'])
  await vi.advanceTimersByTimeAsync(500)
  expect(written).toEqual(['new', 'lost'])
})

test('a former primary starts to wait when its slow batch is acknowledged, because others may have written meanwhile', async () => {
  const { made, state, written } = writer({ rank: 1, ackMs: 3000 })
  state.isPrimary = true
  made.offer('a', record('a'))
  await vi.advanceTimersByTimeAsync(100)
  made.offer('b', record('b'))
  await vi.advanceTimersByTimeAsync(2800)
  state.isPrimary = false
  await vi.advanceTimersByTimeAsync(150)
  expect(written).toEqual(['a'])
  made.cameBy('a')
  state.ackMs = 1
  await vi.advanceTimersByTimeAsync(400)
  expect(written).toEqual(['a'])
  await vi.advanceTimersByTimeAsync(150)
  expect(written).toEqual(['a', 'b'])
})

test('while our own write hangs, announcements wait for Kafka, not for the primary, and are left to it afterwards', async () => {
  const { made, state, written } = writer({ rank: 1, ackMs: 700 })
  made.offer('first', record('first'))
  await vi.advanceTimersByTimeAsync(250)
  const meanwhile = Array.from({ length: 8 }, (_, index) => `meanwhile ${index}`)
  for (const id of meanwhile) {
    made.offer(id, record(id))
    await vi.advanceTimersByTimeAsync(100)
  }
  // Written after 500 ms, acknowledged 700 ms later, as what the primary wrote meanwhile.
  await vi.advanceTimersByTimeAsync(160)
  expect(written).toEqual(['first'])
  state.ackMs = 1
  made.cameBy('first')
  await vi.advanceTimersByTimeAsync(100)
  expect(written).toEqual(['first'])
  for (const id of meanwhile.slice(0, -1)) made.cameBy(id)
  await vi.advanceTimersByTimeAsync(600)
  expect(written).toEqual(['first', 'meanwhile 7'])
})

test('after a batch in place of the primary, the next one waits until the tail has read it', async () => {
  const { made, written } = writer({ rank: 1 })
  made.offer('a', record('a'))
  await vi.advanceTimersByTimeAsync(600)
  expect(written).toEqual(['a'])
  made.offer('b', record('b'))
  await vi.advanceTimersByTimeAsync(2000)
  expect(written).toEqual(['a'])
  made.cameBy('a')
  await vi.advanceTimersByTimeAsync(100)
  expect(written).toEqual(['a', 'b'])
})

test('a failed write keeps its entry and retries it', async () => {
  const { made, state, written } = writer()
  Object.assign(state, { isPrimary: true, failing: true })
  made.offer('a', record('a'))
  await vi.advanceTimersByTimeAsync(1000)
  expect(written).toEqual([])
  expect(made.queued().records).toBe(1)
  state.failing = false
  await vi.advanceTimersByTimeAsync(300)
  expect(written).toEqual(['a'])
})

test('beyond the bound the oldest is dropped, and the caller is told', async () => {
  const { made, state, dropped } = writer({ maxEntries: 2 })
  state.tailIsLive = false
  for (const id of ['a', 'b', 'c']) made.offer(id, record(id))
  expect(dropped).toEqual(['a'])
  expect(made.queued().records).toBe(2)
})

test('an announcement dropped during its write is lost only if the write fails, and is not written twice if received again', async () => {
  const { made, state, written, dropped } = writer({ maxEntries: 2, ackMs: 500 })
  state.isPrimary = true
  for (const id of ['a', 'b']) made.offer(id, record(id))
  await vi.advanceTimersByTimeAsync(100)
  for (const id of ['c', 'd', 'a']) made.offer(id, record(id))
  expect(dropped).toEqual([])
  await vi.advanceTimersByTimeAsync(450)
  expect(written).toEqual(['a', 'b'])
  state.failing = true
  for (const id of ['e', 'f']) made.offer(id, record(id))
  expect(dropped).toEqual([])
  await vi.advanceTimersByTimeAsync(450)
  expect(dropped).toEqual(['c', 'd'])
  state.failing = false
  await vi.advanceTimersByTimeAsync(1000)
  expect(written).toEqual(['a', 'b', 'e', 'f'])
  expect(dropped).toEqual(['c', 'd'])
})

test.each(['its writes fail', 'nobody answers its reads'])(
  'while Kafka is away (%s) nothing waits for it; what fits is written in order afterwards',
  async (how) => {
    const { made, state, written, dropped } = writer({ maxEntries: 1200 })
    state.isPrimary = true
    if (how === 'its writes fail') state.failing = true
    else state.tailIsLive = false
    const ids = Array.from({ length: 3000 }, (_, index) => `${index}`)
    for (const id of ids) {
      made.offer(id, record(id))
      if (Number(id) % 100 === 0) await vi.advanceTimersByTimeAsync(10)
    }
    expect(made.queued().records).toBe(1200)
    expect(dropped).toEqual(ids.slice(0, 1800))
    Object.assign(state, { failing: false, tailIsLive: true })
    await vi.advanceTimersByTimeAsync(1000)
    expect(written).toEqual(ids.slice(1800))
    expect(made.queued()).toEqual({ records: 0, bytes: 0 })
  },
)

test('a stop writes what is left, whichever instance is the primary', async () => {
  const { made, written } = writer({ rank: 3 })
  made.offer('a', record('a'))
  const stopped = made.stop()
  await vi.advanceTimersByTimeAsync(4000)
  await stopped
  expect(written).toEqual(['a'])
})

test('a stop returns although nothing can be written, and counts the lost announcements', async () => {
  const { made, state, dropped } = writer()
  Object.assign(state, { failing: true, tailIsLive: false })
  made.offer('a', record('a'))
  const stopped = made.stop()
  await vi.advanceTimersByTimeAsync(4000)
  await stopped
  expect(dropped).toHaveLength(1)
})
