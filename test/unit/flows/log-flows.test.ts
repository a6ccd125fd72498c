import { expect, onTestFinished, test, vi } from 'vitest'
import type { LogEvent } from '../../../src/events/event.ts'
import { AnnouncementWriter } from '../../../src/events/writing/announcement-writer.ts'
import { deadLetters } from '../../../src/flows/dead-letters.ts'
import { gossipToLog } from '../../../src/flows/gossip-to-log.ts'
import { kafkaToLog } from '../../../src/flows/kafka-to-log.ts'
import { logToValidation } from '../../../src/flows/log-to-validation.ts'
import type { KafkaRecord, OutgoingRecord } from '../../../src/kafka/record.ts'
import type { Announcement } from '../../../src/messages/announcement.ts'
import { BadInputError } from '../../../src/messages/errors.ts'
import type { Verdict } from '../../../src/messages/judge-gossip.ts'

const announcement: Announcement = { type: 'subtree', subtree: { hash: 'cd'.repeat(32), dataHubUrl: 'http://b.example' } }
const base = { network: 'regtest', bridgeId: 'node-a', receivedAt: 5 }
const toRecord = (event: LogEvent): OutgoingRecord => ({ key: event.id, value: Buffer.from(event.type), headers: { origin: event.origin } })

function record(offset: bigint, headers: Record<string, string> = {}): KafkaRecord {
  return { topic: 'p2p-events', partition: 0, offset, key: Buffer.from('key'), value: Buffer.from('value'), headers, timestamp: 0 }
}

test('kafka-to-log appends an own event under an id that a redelivery repeats, and returns the outcome', async () => {
  const appended: LogEvent[] = []
  const handler = kafkaToLog(base, {
    toAnnouncement: () => announcement,
    eventId: (_, source, { offset }) => `id-of-${source}${offset}`,
    append: async (event) => (appended.push(event) === 1 ? 'sent' : 'repeated'),
    now: () => 5,
  })
  expect(await handler(record(0n))).toBe('sent')
  expect(await handler(record(0n))).toBe('repeated')
  expect(appended.map(({ id }) => id)).toEqual(['id-of-node-a0', 'id-of-node-a0'])
  expect(appended[0]?.origin).toBe('own')
  expect(await handler(record(1n, { 'bridge-id': 'node-a' }))).toBe('own-bridge')
})

test.each<[Verdict, 'accept' | 'ignore', number]>([
  [{ verdict: 'accept', id: 'x', announcement }, 'accept', 1],
  [{ verdict: 'relay', reason: 'repeat' }, 'accept', 0],
  [{ verdict: 'ignore', reason: 'banned' }, 'ignore', 0],
  [{ verdict: 'ignore-and-score', reason: 'bad-hash' }, 'ignore', 0],
])('gossip-to-log: %j', (verdict, answer, offered) => {
  const ids: string[] = []
  const counted: string[] = []
  const handler = gossipToLog(base, {
    judge: () => verdict,
    believe: (said) => said,
    offer: ({ id }) => {
      ids.push(id)
      return 'new'
    },
    count: (_topic, word, reason) => counted.push(`${word}/${reason}`),
    now: () => 5,
  })
  expect(handler({ topic: 't', data: Buffer.alloc(0), signer: 's', sequenceNumber: 1n, hop: 'h', hopAddress: null })).toBe(answer)
  expect(ids).toHaveLength(offered)
  expect(counted).toHaveLength(1)
})

test.each([
  ['repeated', 'relay/repeat'],
  ['outdated', 'relay/outdated'],
] as const)('gossip-to-log passes on what is %s, and counts it as no news', (outcome, word) => {
  const counted: string[] = []
  const handler = gossipToLog(base, {
    judge: () => ({ verdict: 'accept', id: 'x', announcement }),
    believe: (said) => said,
    offer: () => outcome,
    count: (_topic, verdict, reason) => counted.push(`${verdict}/${reason}`),
    now: () => 5,
  })
  expect(handler({ topic: 't', data: Buffer.alloc(0), signer: 's', sequenceNumber: 1n, hop: 'h', hopAddress: null })).toBe('accept')
  expect(counted).toEqual([word])
})

test('a verdict is returned at once, whatever Kafka does with the accepted announcement', () => {
  const writer = new AnnouncementWriter(
    { maxEntries: 10, maxBytes: 1e6, maxAgeMs: 60_000 },
    {
      write: () => new Promise(() => {}),
      isPrimary: () => true,
      tailIsLive: () => true,
      rank: () => 1,
      onWritten: () => {},
      onDropped: () => {},
      onWriteError: () => {},
      clock: { steady: () => performance.now() },
    },
  )
  onTestFinished(() => void vi.useRealTimers())
  vi.useFakeTimers()
  let heard = 0
  const handler = gossipToLog(base, {
    judge: () => ({ verdict: 'accept', id: `${heard++}`, announcement }),
    believe: (said) => said,
    offer: (event) => {
      writer.offer(event.id, toRecord(event))
      return 'new'
    },
    count: () => {},
    now: () => 5,
  })
  const message = { topic: 't', data: Buffer.alloc(0), signer: 's', sequenceNumber: 1n, hop: 'h', hopAddress: null }
  const verdicts = Array.from({ length: 1000 }, () => handler(message))
  expect(new Set(verdicts)).toEqual(new Set(['accept']))
  expect(writer.queued().records).toBe(10)
})

test('log-to-validation sends the first occurrence of a foreign event of the own network only', async () => {
  const events: LogEvent[] = [
    { ...base, id: 'a', origin: 'network', peerId: 'p', ...announcement },
    { ...base, id: 'a', origin: 'network', peerId: 'p', ...announcement },
    { ...base, id: 'b', origin: 'own', peerId: null, ...announcement },
    { ...base, id: 'c', origin: 'network', peerId: 'p', ...announcement, network: 'another' },
    { ...base, id: 'd', origin: 'network', peerId: '', ...announcement },
    { ...base, id: 'e', origin: 'network', peerId: null, ...announcement },
  ]
  const sent: string[] = []
  const handler = logToValidation(
    { network: base.network },
    {
      decode: ({ offset }) => events[Number(offset)] as LogEvent,
      isFirst: async (_, offset) => offset === 0n,
      toValidation: (event) =>
        event.origin === 'own' ? undefined : { topic: 'subtrees', record: { key: event.id, value: Buffer.from(''), headers: {} } },
      send: async (one) => sent.push(String(one.record.key)),
    },
  )
  const outcomes: string[] = []
  for (const offset of events.keys()) outcomes.push(await handler(record(BigInt(offset))))
  expect(outcomes).toEqual(['sent', 'repeated', 'skipped', 'foreign', 'unsigned', 'unsigned'])
  expect(sent).toEqual(['a'])
})

test('a dead letter keeps the bytes, their origin and the reason', async () => {
  const sent: OutgoingRecord[] = []
  const handler = deadLetters(base, { send: async (outgoing) => sent.push(outgoing), isRefused: () => false, now: () => 0 })
  expect(await handler(record(7n, { type: 'foreign' }), new BadInputError('unknown-schema', 'schema 99 is not known'))).toBe(
    'unknown-schema',
  )
  expect(sent[0]).toMatchObject({
    key: 'p2p-events:0:7',
    headers: {
      reason: 'unknown-schema',
      error: 'schema 99 is not known',
      'original-offset': '7',
      'original-header-type': 'foreign',
      'bridge-id': 'node-a',
    },
  })
  expect(sent[0]?.value?.toString()).toBe('value')
})

test('a dead letter that the topic refuses is cut, with its size and hash', async () => {
  const sent: OutgoingRecord[] = []
  const handler = deadLetters(base, {
    send: async (outgoing) => {
      if ((outgoing.value?.length ?? 0) > 300_000) throw new RangeError('too large')
      sent.push(outgoing)
    },
    isRefused: (error) => error instanceof RangeError,
    now: () => 0,
  })
  await handler({ ...record(7n), value: Buffer.alloc(2 ** 21) }, new Error('boom'))
  expect(sent[0]?.value?.length).toBe(256 * 1024)
  expect(sent[0]?.headers).toMatchObject({ reason: 'internal', 'original-size': '2097152', cut: '1' })
  expect(sent[0]?.headers['original-sha256']).toHaveLength(64)
})

test('a dead letter that cannot be written keeps its record waiting', async () => {
  const handler = deadLetters(base, { send: async () => Promise.reject(new Error('away')), isRefused: () => false, now: () => 0 })
  await expect(handler(record(7n), new Error('boom'))).rejects.toThrow('away')
})
