import { expect, test } from 'vitest'
import type { EntryBatch } from '../../../src/events/reading/subscribers.ts'
import { FakeEventLog, idOf, MINUTE, NOW } from './fake-event-log.ts'

function offsetsOf(heard: readonly unknown[], isReadBack: boolean): bigint[] {
  const batches = heard.filter((each): each is EntryBatch => typeof each === 'object' && each !== null && 'entries' in each)
  return batches.filter((batch) => batch.isReadBack === isReadBack).flatMap(({ entries }) => entries.map(({ offset }) => offset))
}

test('entries that exist at the start are read back, and later ones are new', async () => {
  const log = new FakeEventLog()
  for (const name of ['a', 'b']) log.block(name)
  const { view, heard } = log.createView()
  await view.start()
  for (const name of ['b', 'c']) log.block(name)
  await log.follow()
  expect(offsetsOf(heard, true)).toEqual([0n, 1n])
  expect(offsetsOf(heard, false)).toEqual([3n])
  expect(view.isSeen(idOf('c'))).toBe(true)
})

test('an event of the read-back whose content nobody needs is known by its id and not decoded', async () => {
  const log = new FakeEventLog()
  for (const name of ['a', 'b', 'c']) log.block(name)
  log.peek = ({ offset }) => ({ id: idOf('abc'.charAt(Number(offset))), type: offset === 1n ? 'block' : 'subtree' })
  const { view, heard } = log.createView()
  await view.start()
  expect(offsetsOf(heard, true)).toEqual([1n])
  expect(['a', 'b', 'c'].map((name) => view.isSeen(idOf(name)))).toEqual([true, true, true])
  for (const name of ['c', 'd']) log.block(name)
  await log.follow()
  expect(offsetsOf(heard, false)).toEqual([4n])
})

test('of the latest records of the read-back the content of subtrees is read, so that who announced them can be blamed', async () => {
  const log = new FakeEventLog()
  for (const name of ['a', 'b', 'c', 'd']) log.block(name)
  log.peek = ({ offset }) => ({ id: idOf('abcd'.charAt(Number(offset))), type: offset === 2n ? 'rejected-tx' : 'subtree' })
  const { view, heard } = log.createView({ subtreesReadBack: 2 })
  await view.start()
  expect(offsetsOf(heard, true)).toEqual([3n])
  expect(['a', 'b', 'c', 'd'].map((name) => view.isSeen(idOf(name)))).toEqual([true, true, true, true])
})

test('one answer may contain the last entries of the read-back and the first new ones', async () => {
  const log = new FakeEventLog()
  log.block('a')
  log.whenStarting = () => log.block('b')
  const { view, heard } = log.createView()
  await view.start()
  await log.firstRead
  expect(offsetsOf(heard, true)).toEqual([0n])
  expect(offsetsOf(heard, false)).toEqual([1n])
  expect(heard.map((each) => ('position' in each ? each.position : 'entries'))).toEqual(['entries', 1n, 'entries'])
})

test('no position is told before all that precedes it is known: a browser would take it for an event log without a past', async () => {
  const log = new FakeEventLog()
  for (const name of ['a', 'b', 'c']) log.block(name)
  const { view, heard } = log.createView()
  const known: unknown[] = []
  view.subscribe({ onPosition: (next) => void known.push([next, view.latest.between(0n, next, new Set(['block']))]) })
  await view.start()
  await log.firstRead
  expect(known).toEqual([[3n, [0n, 1n, 2n]]])
  expect(heard.map((each) => ('position' in each ? each.position : 'entries'))).toEqual(['entries', 3n])
})

test('the position of an empty event log is known at once', async () => {
  const log = new FakeEventLog()
  const { view, heard } = log.createView()
  await view.start()
  await log.firstRead
  expect(heard).toEqual([{ position: 0n }])
})

test.each([1, 3, 40])('a lone relay starts on an event log that ends in %i control markers', async (markers) => {
  const log = new FakeEventLog()
  log.block('a')
  for (let marker = 0; marker < markers; marker++) log.marker()
  const { view, heard } = log.createView()
  await view.start()
  expect(offsetsOf(heard, true)).toEqual([0n])
  log.block('b')
  await log.follow()
  expect(offsetsOf(heard, false)).toEqual([BigInt(markers + 1)])
})

test('an event log with only control markers can be read', async () => {
  const log = new FakeEventLog()
  for (let marker = 0; marker < 3; marker++) log.marker()
  await log.createView().view.start()
  expect(log.position).toBe(3n)
})

test('positions are reported when nothing is new: copies, and offsets without a record', async () => {
  const log = new FakeEventLog()
  log.block('a')
  const { view, heard } = log.createView()
  await view.start()
  log.block('a')
  await log.follow()
  log.marker()
  await log.follow()
  expect(heard.filter((each) => 'position' in each)).toEqual([{ position: 1n }, { position: 2n }, { position: 3n }])
})

test.each([
  ['one', 1],
  ['several', 5],
])(
  '%s events that a producer stamped a day ahead move nothing: no id is forgotten, no sibling is lost, no record too old',
  async (_, count) => {
    const log = new FakeEventLog()
    log.instance('sibling')
    log.block('a')
    const { view } = log.createView()
    await view.start()
    log.block('b')
    await log.follow()
    const before = view.now()
    for (let index = 0; index < count; index++) log.block(`future-${index}`, { at: NOW + 24 * 60 * MINUTE, isProducerTime: true })
    await log.follow()
    expect(Math.abs(view.now() - before)).toBeLessThan(5000)
    expect(view.isSeen(idOf('a'))).toBe(true)
    expect(view.isSibling('peer-sibling')).toBe(true)
    expect(view.liveInstances()).toEqual(['own', 'sibling'])
  },
)

test('readers with different starts agree about copies after an event from the future', async () => {
  const log = new FakeEventLog()
  for (let minute = 0; minute < 30; minute++) log.block(`each-${minute}`, { at: NOW + minute * MINUTE })
  const { view: early, heard: heardEarly } = log.createView()
  await early.start()
  log.block('future', { at: NOW + 24 * 60 * MINUTE, isProducerTime: true })
  log.block('each-29', { at: NOW + 30 * MINUTE })
  const earlyListener = log.listener
  const { view: late, heard: heardLate } = log.createView()
  await late.start()
  log.position = 30n
  log.listener = earlyListener
  await log.follow()
  expect(offsetsOf(heardEarly, false)).toEqual([30n])
  expect(offsetsOf(heardLate, true).filter((offset) => offset >= 30n)).toEqual([30n])
})

test('a truncated event log is forgotten from its new end on, and events written there are new', async () => {
  const log = new FakeEventLog()
  for (const name of ['a', 'b', 'c']) log.block(name)
  const { view, heard } = log.createView()
  await view.start()
  log.records.length = 1
  log.events.length = 1
  await log.gap({ requested: 3n, next: 1n, reason: 'truncated' })
  expect(view.isSeen(idOf('a'))).toBe(true)
  expect(view.isSeen(idOf('b'))).toBe(false)
  for (const name of ['a', 'b']) log.block(name)
  await log.follow()
  expect(heard.filter((each) => 'gap' in each)).toHaveLength(1)
  expect(offsetsOf(heard, false)).toEqual([2n])
})

test('an event log that was created again is read from its beginning, and no event counts as a copy', async () => {
  const log = new FakeEventLog()
  for (const name of ['a', 'b']) log.block(name)
  const { view, heard } = log.createView()
  await view.start()
  log.records.length = 0
  log.events.length = 0
  await log.gap({ requested: 2n, next: 0n, reason: 'topic-made-anew' })
  log.block('a')
  await log.follow()
  expect(offsetsOf(heard, false)).toEqual([0n])
})

test('records that retention removed are a gap, and no seen id is forgotten', async () => {
  const log = new FakeEventLog()
  log.block('a')
  const { view, heard } = log.createView()
  await view.start()
  for (let index = 0; index < 5; index++) log.block(`lost-${index}`)
  await log.gap({ requested: 1n, next: 6n, reason: 'expired' })
  log.block('a')
  log.block('b')
  await log.follow()
  expect(offsetsOf(heard, false)).toEqual([7n])
  await expect(view.isFirst(idOf('a'), 6n)).resolves.toBe(false)
})

test('an instance of another bridge is not a sibling', async () => {
  const log = new FakeEventLog()
  log.instance('stranger', { bridgeId: 'node-b' })
  log.instance('own', { peerId: 'peer-own' })
  const { view } = log.createView()
  await view.start()
  expect(view.isSibling('peer-stranger')).toBe(false)
  expect(view.isSibling('peer-own')).toBe(true)
  expect(view.ownPeerId()).toBe('peer-own')
})

test('the ids of all read events are reported, copies too', async () => {
  const log = new FakeEventLog()
  log.block('a')
  const { view } = log.createView()
  const ids: string[] = []
  view.onId((id) => ids.push(id))
  await view.start()
  log.block('a')
  await log.follow()
  expect(ids).toEqual([idOf('a'), idOf('a')])
})

test('a stop ends the wait for a record that does not arrive', async () => {
  const { view } = new FakeEventLog().createView()
  await view.start()
  const waiting = view.isFirst(idOf('a'), 99n)
  await view.stop()
  await expect(waiting).rejects.toThrow('stopped')
})
