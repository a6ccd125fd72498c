import { expect, test } from 'vitest'
import { kafkaToGossip } from '../../../src/flows/kafka-to-gossip.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import type { Announcement } from '../../../src/messages/announcement.ts'
import { type BadInputError, RetryLaterError } from '../../../src/messages/errors.ts'

const hash = 'ab'.repeat(32)
const block = (height: number): Announcement => ({ type: 'block', block: { hash, height, header: null, dataHubUrl: 'http://a.example' } })
const subtree: Announcement = { type: 'subtree', subtree: { hash, dataHubUrl: 'http://a.example' } }
const NOW = 10_000_000
const MAX_AGE_MS = 600_000

function record(headers: Record<string, string> = {}, timestamp = NOW): KafkaRecord {
  return { topic: 'blockchain-notifications', partition: 0, offset: 7n, key: null, value: Buffer.from('x'), headers, timestamp }
}

function flow(
  announcement: Announcement | undefined | (() => Announcement),
  {
    subscribers = 1,
    isUnheard = false,
    recipients = 1,
    ownHeight = 100 as number | null,
    publishError = undefined as Error | undefined,
    isAnnouncing = true,
    hasMessage = true,
    fault = undefined as string | undefined,
    isAnnounced = false,
    mayPublish = true,
    isOwnTip = false,
    later = undefined as Buffer | undefined,
    isSuperseded = false,
  } = {},
) {
  const published: string[] = []
  const tooOld: string[] = []
  const unheard: string[] = []
  const refused: string[] = []
  const announced: string[] = []
  const overRate: string[] = []
  const handler = kafkaToGossip(
    { bridgeId: 'node-a', maxAgeMs: MAX_AGE_MS, isAnnouncing },
    {
      toAnnouncement: () => (typeof announcement === 'function' ? announcement() : announcement),
      encode: ({ type }) => (hasMessage ? Buffer.from(type) : undefined),
      sendFault: () => fault,
      onRefused: (type, rule) => void refused.push(`${type}: ${rule}`),
      announced: { has: () => isAnnounced, add: ({ type }) => void announced.push(type) },
      foreignSubscribers: () => subscribers,
      isUnheard: () => isUnheard,
      onUnheard: (type) => void unheard.push(type),
      mayPublish: () => mayPublish,
      onOverRate: (type) => void overRate.push(type),
      publish: async ({ data }) => {
        if (publishError) throw publishError
        if (isSuperseded) return 'superseded'
        published.push(Buffer.from(data).toString())
        return recipients
      },
      laterThan: (sent) => later && { ...sent, data: later },
      ownHeight: () => ownHeight ?? undefined,
      isOwnTip: () => isOwnTip,
      isTooLarge: (error) => error instanceof RangeError,
      onTooOld: (type) => void tooOld.push(type),
      now: () => NOW,
    },
  )
  return { handler, published, tooOld, unheard, refused, announced, overRate }
}

test('publishes an announcement and reports it', async () => {
  const { handler, published } = flow(block(100))
  expect(await handler(record())).toBe('published')
  expect(published).toEqual(['block'])
})

test('one more message of a kind than a node sends is skipped and reported', async () => {
  const { handler, published, overRate, announced } = flow(subtree, { mayPublish: false })
  expect(await handler(record())).toBe('over-rate')
  expect([published, announced, overRate]).toEqual([[], [], ['subtree']])
})

test('a record waits in Kafka while no foreign peer subscribes', async () => {
  const { handler, published } = flow(block(100), { subscribers: 0 })
  await expect(handler(record())).rejects.toBeInstanceOf(RetryLaterError)
  expect(published).toEqual([])
})

test('a kind without subscribers is skipped and reported while peers subscribe to other kinds', async () => {
  const { handler, published, unheard } = flow(subtree, { subscribers: 0, isUnheard: true })
  expect(await handler(record())).toBe('unheard')
  expect([published, unheard]).toEqual([[], ['subtree']])
})

test('a record whose publish reached nobody waits too', async () => {
  await expect(flow(block(100), { recipients: 0 }).handler(record())).rejects.toBeInstanceOf(RetryLaterError)
})

test.each([
  ['an old subtree is skipped', subtree, 'too-old', ['subtree']],
  ['an old block below the newest is skipped', block(99), 'too-old', ['block']],
  ['the newest block is never skipped', block(100), 'published', []],
])('%s, and skipped records are reported', async (_, announcement, outcome, told) => {
  const { handler, tooOld } = flow(announcement)
  expect(await handler(record({}, NOW - MAX_AGE_MS - 1))).toBe(outcome)
  expect(tooOld).toEqual(told)
})

test('records just within the age limit are published', async () => {
  const { handler, tooOld } = flow(subtree)
  expect(await handler(record({}, NOW - MAX_AGE_MS))).toBe('published')
  expect(tooOld).toEqual([])
})

test('an old record is skipped even without subscribers, because waiting cannot help it', async () => {
  expect(await flow(subtree, { subscribers: 0 }).handler(record({}, NOW - MAX_AGE_MS - 1))).toBe('too-old')
})

test('if the event log has no newest block, the highest seen here counts', async () => {
  const heights = [7, 9, 8, 9]
  const { handler } = flow(() => block(heights.shift() ?? 0), { ownHeight: null })
  const outcomes = []
  for (let count = heights.length; count > 0; count--) outcomes.push(await handler(record({}, NOW - MAX_AGE_MS - 1)))
  expect(outcomes).toEqual(['published', 'published', 'too-old', 'published'])
})

test('the own best block is published at any age, although a reorganisation has brought it to a lower height', async () => {
  const old = record({}, NOW - MAX_AGE_MS - 1)
  expect(await flow(block(99), { isOwnTip: true }).handler(old)).toBe('published')
})

test('a state that is published after a later one is followed by that one, so that peers end on the latest', async () => {
  const later = Buffer.from('later')
  const late = flow(block(100), { later })
  expect(await late.handler(record())).toBe('published')
  expect(late.published).toEqual(['block', 'later'])
  const unheard = flow(block(100), { later, subscribers: 0, isUnheard: true })
  await unheard.handler(record())
  expect(unheard.published).toEqual([])
})

test('a record that this bridge wrote itself is not published again', async () => {
  const { handler, published } = flow(block(100))
  expect(await handler(record({ 'bridge-id': 'node-a' }))).toBe('own-bridge')
  expect(published).toEqual([])
})

test('an announcement that is too large for gossip is bad input, and does not block the partition', async () => {
  const { handler } = flow(block(100), { publishError: new RangeError('1 MiB') })
  await expect(handler(record())).rejects.toMatchObject({ name: 'BadInputError', reason: 'too-large' } satisfies Partial<BadInputError>)
})

test('a record of another node is skipped', async () => {
  expect(await flow(undefined).handler(record())).toBe('skipped')
})

test.each([
  ['listen-only', { isAnnouncing: false }],
  ['no-message', { hasMessage: false }],
  ['announced', { isAnnounced: true }],
  ['refused', { fault: 'the URL is private' }],
])('a record is not published, and is settled as %s', async (outcome, options) => {
  const { handler, published, announced } = flow(block(100), { ...options, subscribers: 1 })
  expect(await handler(record())).toBe(outcome)
  expect([published, announced]).toEqual([[], []])
})

test('what breaks a rule of the peers is said', async () => {
  const { handler, refused } = flow(subtree, { fault: 'the URL is private' })
  await handler(record())
  expect(refused).toEqual(['subtree: the URL is private'])
})

test('only what reached a peer counts as announced', async () => {
  const reached = flow(block(100))
  await reached.handler(record())
  expect(reached.announced).toEqual(['block'])
  const lost = flow(block(100), { recipients: 0 })
  await expect(lost.handler(record())).rejects.toBeInstanceOf(RetryLaterError)
  expect(lost.announced).toEqual([])
})
