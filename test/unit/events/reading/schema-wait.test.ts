import { expect, onTestFinished, test } from 'vitest'
import type { EventLogReader, TailListener } from '../../../../src/events/ports.ts'
import { SchemaWait } from '../../../../src/events/reading/schema-wait.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'
import { eventually } from '../../../support/eventually.ts'
import { createTestClock } from '../../../support/test-clock.ts'

/** A record whose value is the id of its schema. */
const record = (id: number): KafkaRecord =>
  ({ topic: 'events', partition: 0, offset: 0n, key: null, value: Buffer.from([id]), headers: {}, timestamp: 0 }) as KafkaRecord

/** A registry that has not named the schemas of `awaited`, before a tail and a reader. */
function setUp(pageOf: readonly number[] = []) {
  const awaited = new Set<number>()
  const said: string[] = []
  const clock = createTestClock()
  let looks = 0
  const wait = new SchemaWait(
    { mostMs: 30_000, lookEachMs: 1 },
    {
      awaitedSchema: ({ value }) => {
        looks += 1
        const id = value?.[0] ?? 0
        return awaited.has(id) ? id : undefined
      },
      health: { notReady: (reason) => said.push(reason) },
      metrics: { records: { inc: ({ outcome }) => said.push(outcome) } },
      log: { warn: (_: unknown, text: string) => said.push(text) } as never,
      clock,
    },
  )
  let listener: TailListener | undefined
  const heard: number[] = []
  const open = wait.tail((given) => {
    listener = given
    return { start: async () => {}, position: () => 3n, isLive: () => true, stop: async () => {} }
  })
  const tail = open({
    onRecords: async (records) => void heard.push(...records.map(({ value }) => value?.[0] ?? 0)),
    onGap: async () => {},
  })
  onTestFinished(() => tail.stop())
  const reads: Pick<EventLogReader, 'read'> = { read: async () => ({ records: pageOf.map(record), next: 9n }) }
  return {
    awaited,
    said,
    clock,
    tail,
    heard,
    looks: () => looks,
    /** The tail brings records with these schemas. */
    bring: (...ids: number[]) => listener?.onRecords(ids.map(record), 1n) ?? Promise.reject(new Error('no listener')),
    reader: wait.reader({ bounds: async () => ({ low: 0n, high: 9n }), offsetAt: async () => 4n, stop: async () => {}, ...reads }),
  }
}

test('records with known schemas wait for nothing', async () => {
  const { bring, heard, said, tail, reader } = setUp([1])
  await bring(1, 2)
  expect([heard, said]).toEqual([[1, 2], []])
  expect([tail.position(), tail.isLive()]).toEqual([3n, true])
  expect(await reader.read(0n)).toMatchObject({ next: 9n, records: [{ topic: 'events' }] })
  expect([await reader.bounds(), await reader.offsetAt(0)]).toEqual([{ low: 0n, high: 9n }, 4n])
})

test('records wait until the registry has named all of their schemas, which is counted and said', async () => {
  const { bring, heard, awaited, said, looks } = setUp()
  awaited.add(2).add(3)
  const bringing = bring(1, 2, 3)
  awaited.delete(2)
  const before = looks()
  await eventually(() => looks() > before + 6)
  expect(heard).toEqual([])
  awaited.delete(3)
  await bringing
  expect(heard).toEqual([1, 2, 3])
  expect(said[0]).toBe('waited-for-schema')
  expect(said[1]).toContain('the schema 2, which the schema registry has not named yet')
  expect(said.at(-1)).toContain('the schema 3')
})

test('a page of the past waits too', async () => {
  const { reader, awaited, looks } = setUp([5])
  awaited.add(5)
  let isRead = false
  const reading = reader.read(0n).then(() => {
    isRead = true
  })
  await eventually(() => looks() > 3)
  expect(isRead).toBe(false)
  awaited.delete(5)
  await reading
})

test('a registry that does not answer is waited for half a minute, at most once in ten minutes for each schema', async () => {
  const { bring, heard, awaited, said, clock, looks } = setUp()
  awaited.add(7)
  const bringing = bring(7)
  await eventually(() => looks() > 3)
  clock.pass(29_999)
  const before = looks()
  await eventually(() => looks() > before + 3)
  expect(said.join()).not.toContain('passed over')
  clock.pass(1)
  await bringing
  expect(said.at(-1)).toBe('the schema registry has not named a schema within 30 s: its events are passed over')
  await bring(7)
  expect(heard).toEqual([7, 7])
  clock.pass(600_000)
  const again = bring(7)
  const since = looks()
  await eventually(() => looks() > since + 3)
  awaited.clear()
  await again
  expect(heard).toEqual([7, 7, 7])
})

test('a stop ends the wait, and nothing of it is passed on', async () => {
  const { bring, heard, awaited, tail, reader } = setUp([7])
  awaited.add(7)
  const bringing = bring(7)
  const reading = expect(reader.read(0n)).rejects.toThrow('the event log has stopped')
  await tail.stop()
  await bringing
  await reading
  expect(heard).toEqual([])
})
