import { expect, test } from 'vitest'
import type { BanChange } from '../../../src/bans/ban.ts'
import { BadInputError, RetryLaterError } from '../../../src/messages/errors.ts'
import { eventually } from '../../support/eventually.ts'
import { ADDRESS, add, given, NOW, SharedStore, setUp } from './set-up.ts'

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
