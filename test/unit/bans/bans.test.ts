import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { applyBan } from '../../../src/bans/apply-ban.ts'
import type { Ban, BanChange } from '../../../src/bans/ban.ts'
import { createBans } from '../../../src/bans/bans.ts'
import { MemoryBanStore } from '../../../src/bans/memory-ban-store.ts'
import type { BanStore, BanWatcher } from '../../../src/bans/ports.ts'
import { BadInputError, RetryLaterError } from '../../../src/messages/errors.ts'
import { eventually } from '../../support/eventually.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const NOW = Date.UTC(2026, 0, 1)
const ADDRESS = { address: '192.0.2.1' }
const add = { action: 'add', key: '192.0.2.1' }

/** A memory store with a clock, as a database has one, that a second instance may also change, and that can be made to fail. */
class SharedStore extends MemoryBanStore implements BanStore {
  failure: Error | undefined
  /** Reading works, and writing does not. */
  writeFailure: Error | undefined
  readonly clock: ReturnType<typeof fakeClock>
  watcher: BanWatcher | undefined
  loads = 0

  constructor() {
    const clock = fakeClock(NOW)
    super({ maxEntries: 10 }, { applyBan, now: clock.wall })
    this.clock = clock
  }

  override async load() {
    this.loads++
    if (this.failure) throw this.failure
    return { ...(await super.load()), now: this.clock.wall() }
  }

  override async changesSince(revision: number) {
    if (this.failure) throw this.failure
    return super.changesSince(revision)
  }

  override async change(...parameters: Parameters<MemoryBanStore['change']>) {
    if (this.failure ?? this.writeFailure) throw this.failure ?? this.writeFailure
    return super.change(...parameters)
  }

  override async sweep() {
    if (this.writeFailure) throw this.writeFailure
    await super.sweep()
    return this.clock.wall()
  }

  override watch(watcher: BanWatcher) {
    this.watcher = watcher
    return super.watch(watcher)
  }
}

function setUp(options: { store?: SharedStore; fallback?: () => Promise<Ban[]>; caveat?: string; aheadMs?: number; pollMs?: number } = {}) {
  const said: string[] = []
  const counted: string[] = []
  const answered: string[] = []
  const store = options.store ?? new SharedStore()
  const clock = fakeClock(NOW + (options.aheadMs ?? 0))
  const eventLog = fakeClock(NOW)
  const bans = createBans(
    {
      bridgeId: 'a',
      defaultDurationMs: 60_000,
      maxEntries: 10,
      pollMs: options.pollMs ?? 60_000,
      ...(options.caveat ? { caveat: options.caveat } : {}),
    },
    {
      store,
      fallback: options.fallback,
      log: pino({ level: 'silent' }),
      metrics: {
        entries: { set: () => {} },
        changes: { inc: ({ action }) => counted.push(action) },
        commands: { inc: ({ door, outcome }) => answered.push(`${door} ${outcome}`) },
        storeUp: { set: () => {} },
      },
      health: { ready: (detail) => said.push(`ready: ${detail ?? 'ok'}`), notReady: (reason) => said.push(`not ready: ${reason}`) },
      clock,
      eventLogNow: () => eventLog.wall(),
    },
  )
  onTestFinished(() => bans.stop())
  return { bans, store, clock, eventLog, said, counted, answered }
}

let offset = 0
const given = () => ({ door: 'kafka', who: null, cause: `ban-commands:0:${offset++}`, givenAt: NOW }) as const

test('a ban is in force until it expires', async () => {
  const { bans, clock } = setUp()
  await bans.start()
  await bans.apply(add, given())
  expect(bans.isBanned(ADDRESS)).toBe(true)
  clock.advance(60_000)
  expect(bans.isBanned(ADDRESS)).toBe(false)
  expect(bans.list()).toEqual([])
})

test('an invalid command never reaches the store', async () => {
  const { bans, store } = setUp()
  await bans.start()
  await expect(bans.apply({ action: 'add', key: 'nobody' }, given())).rejects.toThrow(BadInputError)
  expect((await store.load()).revision).toBe(0)
})

test('a store that is away makes a command wait, a permanent refusal does not', async () => {
  const { bans, store } = setUp()
  await bans.start()
  store.failure = new Error('connection refused')
  await expect(bans.apply(add, given())).rejects.toThrow(RetryLaterError)
  expect(bans.isBanned(ADDRESS)).toBe(false)
  store.failure = Object.assign(new Error('data exception'), { isPermanent: true })
  await expect(bans.apply(add, given())).rejects.toThrow('data exception')
})

test('changes of another instance are read and passed to listeners', async () => {
  const { bans, store, counted } = setUp()
  await bans.start()
  const heard: (readonly BanChange[])[] = []
  bans.onChange((changes) => heard.push(changes))
  await store.change({ action: 'add', key: '192.0.2.1', until: null, reason: '' }, given())
  store.watcher?.onNews()
  await eventually(() => bans.isBanned(ADDRESS))
  expect(heard).toEqual([[expect.objectContaining({ action: 'add', key: '192.0.2.1' })]])
  expect(counted).toEqual(['add'])
})

test('own changes after unread ones are applied in order', async () => {
  const { bans, store } = setUp()
  await bans.start()
  await store.change({ action: 'add', key: '192.0.2.1', until: null, reason: '' }, given())
  await bans.apply({ action: 'remove', key: '192.0.2.1' }, given())
  await bans.apply({ action: 'add', key: '192.0.2.2' }, given())
  await eventually(() => bans.isBanned({ address: '192.0.2.2' }))
  expect(bans.isBanned(ADDRESS)).toBe(false)
})

test('after a lost connection the whole list is read', async () => {
  const { bans, store, said } = setUp()
  await bans.start()
  const loads = store.loads
  store.watcher?.onLost(new Error('closed'))
  expect(said.at(-1)).toMatch(/^ready: the published bans cannot be read \(closed\): bans stay as they are/)
  store.watcher?.onWatching()
  await eventually(() => expect(said.at(-1)).toBe('ready: ok'))
  expect(store.loads).toBe(loads + 1)
})

test('is not ready before the list was read once, and retries', async () => {
  const store = new SharedStore()
  store.failure = new Error('refused')
  const { bans, said } = setUp({ store })
  const started = bans.start()
  await eventually(() => expect(said.at(-1)).toMatch(/^not ready: the published bans cannot be read \(refused\)/))
  store.failure = undefined
  await started
  expect(said.at(-1)).toBe('ready: ok')
})

test('uses the fallback list while the store is away, and reports it until the store is back', async () => {
  const store = new SharedStore()
  store.failure = new Error('refused')
  const published = { key: '192.0.2.1', until: null, reason: '', since: 0, cause: 'x' }
  const { bans, said } = setUp({ store, fallback: async () => [published, { ...published, key: 'nonsense' }] })
  await bans.start()
  expect(bans.isBanned(ADDRESS)).toBe(true)
  expect(said.at(-1)).toMatch(/^ready: .*last published/)
  store.failure = undefined
  await eventually(() => expect(said.at(-1)).toBe('ready: ok'))
  expect(bans.isBanned(ADDRESS)).toBe(false)
})

test('a listener that fails stops neither the change nor the other listeners', async () => {
  const { bans } = setUp()
  await bans.start()
  let calls = 0
  bans.onChange(() => {
    throw new Error('no')
  })
  bans.onChange(() => calls++)
  await bans.apply(add, given())
  expect([bans.isBanned(ADDRESS), calls]).toEqual([true, 1])
})

test('reports the limits of a store in the health report', async () => {
  const { bans, said } = setUp({ caveat: 'without banlist_db bans are lost at a restart' })
  await bans.start()
  expect(said).toEqual(['ready: without banlist_db bans are lost at a restart'])
})

test('a change that is applied while the whole list is read is not lost', async () => {
  const { bans, store } = setUp()
  await bans.start()
  const before = await store.load()
  await bans.apply(add, given())
  let isFirst = true
  store.load = async () => {
    if (!isFirst) throw new Error('read once only')
    isFirst = false
    return before
  }
  store.watcher?.onWatching()
  await eventually(() => !isFirst)
  await bans.apply({ action: 'add', key: '192.0.2.2' }, given())
  await eventually(() => bans.isBanned(ADDRESS) && bans.isBanned({ address: '192.0.2.2' }))
})

test.each([-2 * 3_600_000, 2 * 3_600_000])('bans end by the time of the store, with our wall clock off by %d ms', async (aheadMs) => {
  const { bans, store, clock } = setUp({ aheadMs })
  await bans.start()
  await bans.apply({ ...add, until: NOW + 60_000 }, given())
  expect(bans.isBanned(ADDRESS)).toBe(true)
  clock.setWall(0)
  clock.advance(59_999)
  store.clock.advance(59_999)
  expect(bans.isBanned(ADDRESS)).toBe(true)
  clock.advance(1)
  expect(bans.isBanned(ADDRESS)).toBe(false)
})

test.each([-2 * 3_600_000, 2 * 3_600_000])(
  'while only the published list is in use, bans end by the time of the event log, with our wall clock off by %d ms',
  async (aheadMs) => {
    const store = new SharedStore()
    store.failure = new Error('refused')
    const ban = { key: '192.0.2.1', until: NOW + 60_000, reason: '', since: NOW, cause: '' }
    const { bans, eventLog } = setUp({ aheadMs, store, fallback: async () => [ban] })
    await bans.start()
    expect(bans.isBanned(ADDRESS)).toBe(true)
    eventLog.advance(59_999)
    expect(bans.isBanned(ADDRESS)).toBe(true)
    eventLog.advance(1)
    expect(bans.isBanned(ADDRESS)).toBe(false)
  },
)

test('a list without a database ends its bans by the time of the event log, which becomes right after the start', async () => {
  let now = NOW + 2 * 3_600_000
  const ban = { key: '192.0.2.1', until: NOW + 60_000, reason: '', since: NOW, cause: '' }
  const store = new MemoryBanStore({ maxEntries: 10 }, { applyBan, now: () => now, initial: async () => [ban] })
  const deps = {
    log: pino({ level: 'silent' }),
    health: { ready: () => {}, notReady: () => {} },
    clock: fakeClock(),
    eventLogNow: () => now,
  }
  const none = { set: () => {}, inc: () => {} }
  const metrics = { entries: none, changes: none, commands: none, storeUp: none }
  const bans = createBans({ bridgeId: 'a', defaultDurationMs: 60_000, maxEntries: 10 }, { ...deps, store, metrics })
  onTestFinished(() => bans.stop())
  await bans.start()
  now = NOW
  expect(bans.isBanned(ADDRESS)).toBe(true)
  await bans.apply({ action: 'add', key: '192.0.2.2', durationSeconds: 60 }, { door: 'http', who: null })
  expect(bans.check('192.0.2.2')?.until).toBe(NOW + 60_000)
})

test('when neither the store nor the published list can be read, both reasons are reported and no peer is admitted', async () => {
  const store = new SharedStore()
  store.failure = new Error('refused')
  const fallback = () => Promise.reject(new Error('the topic p2p-bans is empty'))
  const { bans, said } = setUp({ store, fallback })
  const started = bans.start()
  await eventually(() =>
    expect(said.at(-1)).toMatch(/^not ready: .*refused; and the published list cannot take its place: the topic p2p-bans is empty/),
  )
  store.failure = undefined
  await started
  expect(said.at(-1)).toBe('ready: ok')
})

test('a command by another door than Kafka counts from the time of the store, and each one is new', async () => {
  const { bans, clock, answered } = setUp({ aheadMs: 3_600_000 })
  await bans.start()
  clock.advance(5_000_000.75) // a steady clock counts fractions
  const first = await bans.apply(add, { door: 'http', who: 'key of the settings' })
  const second = await bans.apply({ action: 'remove', key: '192.0.2.1' }, { door: 'http', who: 'key of the settings' })
  expect(first.change.until).toBe(NOW + 5_000_000 + 60_000)
  expect(second.isRepeated).toBe(false)
  expect(first.change.cause).toMatch(/^http:[0-9a-f-]{36}$/)
  await expect(bans.apply({ action: 'add', key: 'nobody' }, { door: 'grpc', who: null })).rejects.toThrow(BadInputError)
  expect(answered).toEqual(['http changed', 'http changed', 'grpc refused'])
})

test('a check finds the ban that covers an address, a CIDR or a peer id, in any spelling', async () => {
  const { bans } = setUp()
  await bans.start()
  await bans.apply({ action: 'add', key: '10.0.0.0/8' }, given())
  expect(bans.check('::ffff:10.1.2.3')?.key).toBe('10.0.0.0/8')
  expect(bans.check('10.1.0.0/16')?.key).toBe('10.0.0.0/8')
  expect(bans.check('0.0.0.0/0')).toBeUndefined()
  expect(() => bans.check('example.org')).toThrow(BadInputError)
})

test('a store that takes no changes is said as soon as one was tried, and that it takes them again without a command', async () => {
  const { bans, store, said } = setUp({ pollMs: 10 })
  await bans.start()
  store.writeFailure = new Error('cannot execute in a read-only transaction')
  await expect(bans.apply(add, given())).rejects.toThrow(RetryLaterError)
  expect(said.at(-1)).toMatch(/^ready: the ban store takes no changes \(cannot execute.*\): bans stay as they are and commands wait$/)
  store.writeFailure = undefined
  await eventually(() => expect(said.at(-1)).toBe('ready: ok'))
})

test('a change that was not notified is read with the next poll', async () => {
  const { bans, store } = setUp({ pollMs: 10 })
  await bans.start()
  await store.change({ action: 'add', key: '192.0.2.1', until: null, reason: '' }, given())
  await eventually(() => bans.isBanned(ADDRESS))
})
