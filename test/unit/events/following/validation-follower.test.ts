import { expect, onTestFinished, test } from 'vitest'
import { ValidationFollower } from '../../../../src/events/following/validation-follower.ts'
import type { CommittedPlace, RecordHandler } from '../../../../src/events/ports.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { Listeners } from '../../../../src/lifecycle/listeners.ts'
import { eventually } from '../../../support/eventually.ts'
import { FakeEventLog, idOf, OutOfRangeError } from '../fake-event-log.ts'

async function follower({
  events = 3,
  committed = undefined as CommittedPlace | undefined,
  handle = undefined as RecordHandler | undefined,
} = {}) {
  const log = new FakeEventLog()
  for (let index = 0; index < events; index++) log.block(`event-${index}`)
  const { view } = log.createView()
  await view.start()
  const state = { isAssigned: false, committed }
  const assignments = new Listeners()
  const handled: bigint[] = []
  const outcomes: string[] = []
  const quiet = { debug: () => {}, error: () => {} } as never
  const made = new ValidationFollower({
    view,
    membership: {
      isAssigned: () => state.isAssigned,
      isCurrent: () => true,
      lastHeartbeatSentAt: () => 0,
      sessionTimeoutMs: 6000,
      committed: async () => state.committed,
      commit: async (place) => {
        state.committed = place
      },
      onAssignment: (listener) => assignments.add(listener),
    },
    handle: async (record) => {
      const outcome = (await handle?.(record)) ?? 'sent'
      handled.push(record.offset)
      return outcome
    },
    isTransient: (error) => error instanceof RangeError,
    isOutOfRange: (error) => error instanceof OutOfRangeError,
    metrics: {
      records: { inc: ({ outcome }) => outcomes.push(outcome) },
      timestampsAhead: { inc: () => {} },
      writeSeconds: { observe: () => {} },
      pendingDropped: { inc: () => {} },
    },
    log: quiet,
    clock: SYSTEM_CLOCK,
  })
  made.start()
  onTestFinished(() => made.stop())
  const assign = (isAssigned: boolean) => {
    state.isAssigned = isAssigned
    assignments.emit()
  }
  return { log, made, state, assign, handled, outcomes }
}

const fingerprintOf = (name: string) => idOf(name).slice(0, 8)

test('only the instance to which the event log is assigned follows it, and only it has a lag', async () => {
  const { made, assign, state, handled } = await follower()
  expect(made.lag()).toBeUndefined()
  assign(true)
  await eventually(() => expect(state.committed).toEqual({ next: 3n, fingerprint: fingerprintOf('event-2') }))
  expect(handled).toEqual([0n, 1n, 2n])
  expect(made.lag()).toBe(0)
  assign(false)
  expect(made.lag()).toBeUndefined()
})

test('it continues at the committed offset of this event log, and reads another event log from its beginning', async () => {
  const own = await follower({ committed: { next: 2n, fingerprint: fingerprintOf('event-1') } })
  own.assign(true)
  await eventually(() => expect(own.handled).toEqual([2n]))
  const other = await follower({ committed: { next: 2n, fingerprint: 'abadcafe' } })
  other.assign(true)
  await eventually(() => expect(other.handled).toEqual([0n, 1n, 2n]))
})

test('it reads an event log that was created again from its beginning, although the offset of the one before is committed late', async () => {
  const { log, assign, state, handled } = await follower({ events: 30 })
  assign(true)
  await eventually(() => expect(handled).toHaveLength(30))
  const late = { next: 30n, fingerprint: fingerprintOf('event-29') }
  for (const list of [log.events, log.records]) list.splice(0)
  for (const event of ['new-0', 'new-1']) log.block(event)
  state.committed = late
  await log.gap({ requested: 30n, next: 0n, reason: 'topic-made-anew' })
  await log.follow()
  await eventually(() => expect(state.committed).toEqual({ next: 2n, fingerprint: fingerprintOf('new-1') }))
  expect(handled.slice(30)).toEqual([0n, 1n])
})

test.each([
  ['has its beginning, is read from there', 0, 0n],
  ['has none of its first records, is read from its new end', 1, 2n],
])('an event log that ends before the committed offset and %s', async (_which, low, first) => {
  const { log, assign, handled } = await follower({ events: 2, committed: { next: 300n, fingerprint: '' } })
  log.low = low
  assign(true)
  await eventually(async () => {
    log.block(`event-${log.events.length}`)
    await log.follow()
    expect(handled).not.toEqual([])
  })
  if (first === 0n) expect(handled[0]).toBe(0n)
  else expect(handled[0]).toBeGreaterThanOrEqual(first)
})

test('control markers at the end are committed, and the offset after them still belongs to this event log', async () => {
  const { log, assign, state, handled } = await follower({ events: 1 })
  for (let marker = 0; marker < 2; marker++) log.marker()
  await log.follow()
  assign(true)
  await eventually(() => expect(state.committed).toEqual({ next: 3n, fingerprint: fingerprintOf('event-0') }))
  assign(true) // as after a rebalance, or a restart
  log.block('next')
  await log.follow()
  await eventually(() => expect(state.committed?.next).toBe(4n))
  expect(handled).toEqual([0n, 3n])
})

test('a record that cannot be sent is counted as failed and skipped; one with a transient error waits', async () => {
  const failures = new Map<bigint, Error>([
    [0n, new TypeError('no such field')],
    [1n, new RangeError('the queue is full')],
  ])
  const handle: RecordHandler = async ({ offset }) => {
    const error = failures.get(offset)
    if (error) throw error
    return 'sent'
  }
  const { assign, state, outcomes, handled } = await follower({ handle })
  assign(true)
  await eventually(() => expect(outcomes).toContain('failed'))
  expect(state.committed).toBeUndefined()
  failures.delete(1n)
  await eventually(() => expect(state.committed?.next).toBe(3n))
  expect(handled).toContain(1n)
})

test('after a truncation of the event log it continues at the new end, once', async () => {
  const { log, assign, state, handled } = await follower()
  assign(true)
  await eventually(() => expect(state.committed?.next).toBe(3n))
  log.records.length = 1
  log.events.length = 1
  await log.gap({ requested: 3n, next: 1n, reason: 'truncated' })
  log.block('new')
  await log.follow()
  await eventually(() => expect(state.committed).toEqual({ next: 2n, fingerprint: fingerprintOf('new') }))
  expect(handled).toEqual([0n, 1n, 2n, 1n])
})
