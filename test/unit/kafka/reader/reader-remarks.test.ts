import { type Logger, pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { ReaderRemarks } from '../../../../src/kafka/reader/reader-remarks.ts'
import { createKafkaMetrics } from '../../../../src/telemetry/kafka-metrics.ts'
import { createTestClock } from '../../../support/test-clock.ts'

function remarks(group?: string) {
  const clock = createTestClock()
  const metrics = createKafkaMetrics(new Registry())
  const lines: string[] = []
  const log: Logger = pino({}, { write: (line: string) => lines.push((JSON.parse(line) as { msg: string }).msg) })
  const held = async () => (await metrics.openTransaction.get()).values.map(({ value }) => value)
  return { remarks: new ReaderRemarks(group === undefined ? {} : { group }, { clock, metrics, log }), clock, metrics, log, lines, held }
}

/** An answer that ends at the first record of an open transaction, unless something else is said. */
const at = (change: Partial<Record<'nextOffset' | 'lastStableOffset' | 'highWatermark', bigint>> = {}) => ({
  topic: 't',
  partition: 2,
  nextOffset: 5n,
  lastStableOffset: 5n,
  highWatermark: 9n,
  ...change,
})

test('an open transaction is known at once, and reported once after half a minute', async () => {
  const { remarks: all, clock, lines, held } = remarks()
  all.answered(at())
  clock.pass(29_000)
  all.answered(at())
  expect(all.stall('t', 2)).toEqual({ offset: 5n, sinceMs: 29_000 })
  expect(all.text()).toBeUndefined()
  clock.pass(2000)
  all.answered(at())
  all.answered(at({ highWatermark: 10n }))
  expect(all.text()).toContain('a transaction that is open for 31 s holds t:2 at offset 5')
  expect(lines).toEqual(['an open transaction holds up the readers of a partition'])
  expect(await held()).toEqual([31])
})

test.each([
  ['has ended', { lastStableOffset: 9n, nextOffset: 9n }],
  ['has ended, with records to read', { lastStableOffset: 9n }],
])('when the transaction %s, the remark ends', async (_, change) => {
  const { remarks: all, clock, held } = remarks()
  all.answered(at())
  clock.pass(40_000)
  all.answered(at())
  all.answered(at(change))
  expect([all.stall('t', 2), all.text(), await held()]).toEqual([undefined, undefined, []])
})

test('the age of the next open transaction starts at 0', () => {
  const { remarks: all, clock } = remarks()
  all.answered(at())
  clock.pass(40_000)
  all.answered(at({ nextOffset: 7n, lastStableOffset: 7n }))
  expect(all.stall('t', 2)).toEqual({ offset: 7n, sinceMs: 0 })
  expect(all.text()).toBeUndefined()
})

test('a partition that is no longer read is forgotten, and all are at the end', async () => {
  const { remarks: all, held } = remarks()
  all.answered(at())
  all.answered({ ...at(), partition: 3 })
  all.forget('t', 2)
  expect(await held()).toHaveLength(1)
  all.stop()
  expect(await held()).toEqual([])
})

test('a quota is reported while it lasts and a little longer, and its time is counted', async () => {
  const { remarks: all, clock, lines, metrics } = remarks()
  all.throttled('t', 4000)
  clock.pass(4000)
  all.throttled('t', 6000)
  expect(all.text()).toContain('(consumer_byte_rate or request_percentage) has slowed down reading for 4 s')
  expect(lines).toEqual(['a quota of the cluster slows down reading'])
  expect((await metrics.throttled.get()).values[0]?.value).toBe(10)
  clock.pass(6000 + 15_000)
  expect(all.text()).toBeUndefined()
})

test('two groups that read the same partition have each a metric of their own', async () => {
  const { remarks: ofLog, metrics, clock, log } = remarks('node.log')
  const ofGossip = new ReaderRemarks({ group: 'node.gossip' }, { clock, metrics, log })
  const held = async () => (await metrics.openTransaction.get()).values.map(({ labels }) => labels)
  for (const each of [ofLog, ofGossip]) each.answered(at())
  expect(await held()).toEqual(['node.log', 'node.gossip'].map((group) => ({ group, topic: 't', partition: '2' })))
  ofGossip.stop()
  expect(await held()).toEqual([{ group: 'node.log', topic: 't', partition: '2' }])
})
