import { expect, onTestFinished, test } from 'vitest'
import type { Ban, BanChange } from '../../../src/bans/ban.ts'
import type { UnpublishedChange } from '../../../src/bans/ports.ts'
import type { LogEvent } from '../../../src/events/event.ts'
import { BansToLog } from '../../../src/flows/bans-to-log.ts'
import { eventually } from '../../support/eventually.ts'
import { granted } from '../../support/granted.ts'

/** An outbox in an array, and the records written from it. */
class Outbox {
  readonly published = new Set<number>()
  readonly events: LogEvent[] = []
  readonly bans = new Map<string, Ban | null>()
  readonly entries: UnpublishedChange[] = []
  readonly errors: unknown[] = []
  mayPublish = true
  news: () => void = () => {}
  failure: Error | undefined
  asked = 0

  add(change: Partial<BanChange>, removedKeys: string[] = []): void {
    const revision = this.entries.length + 1
    const whole: BanChange = {
      action: 'add',
      key: '192.0.2.1',
      until: null,
      reason: '',
      changed: true,
      cause: `t:0:${revision}`,
      ...change,
    }
    const { key, until, reason, cause } = whole
    const ban = whole.action === 'add' ? { key, until, reason, since: 0, cause } : null
    this.entries.push({ revision, change: whole, ban, removedKeys })
  }

  start(everyMs = 10): BansToLog {
    const flow = new BansToLog(
      { network: 'regtest', bridgeId: 'a', everyMs },
      {
        mayPublish: () => this.mayPublish,
        onNews: (listener) => {
          this.news = listener
          return () => {}
        },
        pending: async (limit) => {
          this.asked++
          return this.entries.filter((entry) => !this.published.has(entry.revision)).slice(0, limit)
        },
        markPublished: async (revisions) => {
          for (const revision of revisions) this.published.add(revision)
        },
        append: async (event) => {
          if (this.failure) throw this.failure
          this.events.push(event)
        },
        writeBan: async (key, ban) => {
          if (this.failure) throw this.failure
          this.bans.set(key, ban)
        },
        onPublished: () => {},
        onError: (error) => this.errors.push(error),
        now: () => 1000,
      },
    )
    flow.start()
    onTestFinished(() => flow.stop())
    return flow
  }
}

test('writes each change to the event log in order, and the resulting list', async () => {
  const outbox = new Outbox()
  outbox.add({ key: '10.0.0.1' })
  outbox.add({ key: '10.0.0.2', until: 5000 })
  outbox.add({ action: 'remove', key: '10.0.0.1' })
  outbox.add({ action: 'expire', key: '10.0.0.2' })
  outbox.add({ key: '10.0.0.3' })
  outbox.start()
  await eventually(() => outbox.published.size === 5)
  expect(outbox.events.map((event) => event.type === 'ban' && event.ban.action)).toEqual(['add', 'add', 'remove', 'expire', 'add'])
  expect(outbox.events[0]).toMatchObject({ network: 'regtest', bridgeId: 'a', origin: 'own', peerId: null, receivedAt: 1000 })
  expect(new Set(outbox.events.map((event) => event.id)).size).toBe(5)
  expect(Object.fromEntries(outbox.bans)).toEqual({
    '10.0.0.1': null,
    '10.0.0.2': null,
    '10.0.0.3': { key: '10.0.0.3', until: null, reason: '', since: 0, cause: 't:0:5' },
  })
})

test('a clear leaves a tombstone for each key that it removed, including keys of the same batch', async () => {
  const outbox = new Outbox()
  outbox.add({ key: '10.0.0.1' })
  outbox.add({ action: 'clear', key: '' }, ['10.0.0.1', '10.0.0.9'])
  outbox.add({ key: '10.0.0.9' })
  outbox.start()
  await eventually(() => outbox.published.size === 3)
  expect(outbox.bans.get('10.0.0.1')).toBeNull()
  expect(outbox.bans.get('10.0.0.9')).toMatchObject({ cause: 't:0:3' })
  expect(outbox.bans.has('')).toBe(false)
})

test('a command without effect is an event, and leaves the list alone', async () => {
  const outbox = new Outbox()
  outbox.add({ action: 'remove', changed: false })
  outbox.start()
  await eventually(() => outbox.published.size === 1)
  expect(outbox.events).toHaveLength(1)
  expect(outbox.bans.size).toBe(0)
})

test('a failed write is tried again, under the same event id', async () => {
  const outbox = new Outbox()
  outbox.add({})
  outbox.failure = new Error('broker away')
  outbox.start()
  await eventually(() => outbox.errors.length === 1)
  expect(outbox.published.size).toBe(0)
  outbox.failure = undefined
  await eventually(() => outbox.published.size === 1)
  expect(outbox.events).toHaveLength(1)
})

test('only the instance that may publish publishes', async () => {
  const outbox = new Outbox()
  outbox.mayPublish = false
  outbox.add({})
  outbox.start(60_000)
  outbox.news()
  outbox.mayPublish = true
  outbox.news()
  await eventually(() => outbox.published.size === 1)
})

test('more than a batch is published without waiting for the timer', async () => {
  const outbox = new Outbox()
  for (let n = 0; n < 450; n++) outbox.add({ key: `10.0.${n >> 8}.${n & 255}` })
  outbox.start(60_000)
  await eventually(() => outbox.published.size === 450)
  expect(outbox.bans.size).toBe(450)
})

test('a notification is handled at once, even during a publish', async () => {
  const outbox = new Outbox()
  outbox.start(60_000)
  await eventually(() => outbox.asked === 1)
  outbox.add({})
  outbox.news()
  await eventually(() => outbox.published.size === 1)
})

test('stops even if a write never ends', async () => {
  const flow = new BansToLog(
    { network: 'regtest', bridgeId: 'a' },
    {
      mayPublish: () => true,
      onNews: () => () => {},
      pending: () => new Promise(() => {}),
      markPublished: async () => {},
      append: async () => {},
      writeBan: async () => {},
      onPublished: () => {},
      onError: () => {},
      now: () => 0,
    },
  )
  flow.start()
  const startedAt = performance.now()
  await flow.stop()
  expect(performance.now() - startedAt).toBeLessThan(granted(3000))
})
