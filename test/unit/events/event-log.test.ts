import { expect, onTestFinished, test, vi } from 'vitest'
import type { LogEvent } from '../../../src/events/event.ts'
import { EventLog } from '../../../src/events/event-log.ts'
import type { StateFilter } from '../../../src/events/writing/state-filter.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { FakeEventLog, idOf } from './fake-event-log.ts'

/** See state-filter.ts: here each event is a new one. */
const everythingIsNew = {
  take: () => ({ outcome: 'new', order: undefined }),
  turnKeyOf: (id: string) => id,
  settled: () => {},
  onOutdated: () => () => {},
  onRevived: () => () => {},
} as unknown as StateFilter

const heard = { sequenceNumber: 1n }
const event = (name: string) => ({ id: idOf(name), type: 'subtree' }) as unknown as LogEvent

async function eventLog({ isAssigned = true } = {}) {
  const log = new FakeEventLog()
  const { view } = log.createView()
  await view.start()
  const state = { isAssigned, refuse: undefined as Error | undefined }
  const appended: string[] = []
  const dropped: string[] = []
  const said = vi.fn()
  const made = new EventLog(
    { instanceId: 'own', pending: { maxEntries: 2, maxBytes: 1e6, maxAgeMs: 60_000 } },
    {
      view,
      states: everythingIsNew,
      append: async ({ key }) => {
        if (state.refuse) throw state.refuse
        appended.push(`${key}`)
      },
      toRecord: ({ id, type }) => ({ key: id, value: null, headers: { type } }),
      membership: {
        isAssigned: () => state.isAssigned,
        isCurrent: () => true,
        lastHeartbeatSentAt: () => SYSTEM_CLOCK.steady(),
        sessionTimeoutMs: 6000,
        committed: async () => undefined,
        commit: async () => {},
        onAssignment: () => () => {},
      },
      isRefused: (error) => error instanceof RangeError,
      isTransient: () => true,
      isOutOfRange: () => false,
      metrics: {
        records: { inc: () => {} },
        timestampsAhead: { inc: () => {} },
        writeSeconds: { observe: () => {} },
        pendingDropped: { inc: ({ type }) => dropped.push(type) },
      },
      log: { debug: () => {}, error: said } as never,
      clock: SYSTEM_CLOCK,
    },
  )
  onTestFinished(() => made.stopWriting())
  return { log, made, state, appended, dropped, said }
}

test('any instance appends an own event at once; the caller gets its failure', async () => {
  const { made, appended, state } = await eventLog({ isAssigned: false })
  await made.append(event('own'))
  expect(appended).toEqual([idOf('own')])
  state.refuse = new Error('Kafka is away')
  await expect(made.append(event('next'))).rejects.toThrow('Kafka is away')
})

test('the primary writes an announcement that all instances received, and it counts as seen when it is offered', async () => {
  const { made, appended, log } = await eventLog()
  expect(made.isPrimary()).toBe(true)
  made.offer(event('heard'), heard)
  expect(made.isSeen(idOf('heard'))).toBe(true)
  await eventually(() => expect(appended).toEqual([idOf('heard')]))
  log.block('heard')
  await log.follow()
  expect(made.isSeen(idOf('heard'))).toBe(true)
  expect(made.pending().records).toBe(0)
})

test('another instance drops an announcement that its tail has read', async () => {
  const { made, appended, log } = await eventLog({ isAssigned: false })
  made.offer(event('heard'), heard)
  log.block('heard')
  await log.follow()
  expect(made.pending().records).toBe(0)
  await made.stopWriting()
  expect(appended).toEqual([])
})

test('an announcement that Kafka refuses permanently is not retried, and the log says so; one that a bound drops is counted by kind', async () => {
  const { made, state, dropped, log, said } = await eventLog()
  const error = new RangeError('too large')
  state.refuse = error
  made.offer(event('large'), heard)
  await eventually(() => expect(made.pending().records).toBe(0))
  expect(said).toHaveBeenCalledWith({ err: error, records: { subtree: 1 } }, expect.stringMatching(/does not take them/))
  log.isLive = false
  for (const name of ['a', 'b', 'c']) made.offer(event(name), heard)
  expect(dropped).toEqual(['subtree'])
  log.isLive = true
})
