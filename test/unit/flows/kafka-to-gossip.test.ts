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
  announcement: Announcement | undefined,
  { subscribers = 1, recipients = 1, ownHeight = 100, publishError = undefined as Error | undefined } = {},
) {
  const published: string[] = []
  const handler = kafkaToGossip(
    { bridgeId: 'node-a', maxAgeMs: MAX_AGE_MS },
    {
      toAnnouncement: () => announcement,
      encode: ({ type }) => Buffer.from(type),
      foreignSubscribers: () => subscribers,
      publish: async (type) => {
        if (publishError) throw publishError
        published.push(type)
        return recipients
      },
      ownHeight: () => ownHeight,
      isTooLarge: (error) => error instanceof RangeError,
      now: () => NOW,
    },
  )
  return { handler, published }
}

test('publishes an announcement and says so', async () => {
  const { handler, published } = flow(block(100))
  expect(await handler(record())).toBe('published')
  expect(published).toEqual(['block'])
})

test('a record waits in Kafka while no foreign peer listens', async () => {
  const { handler, published } = flow(block(100), { subscribers: 0 })
  await expect(handler(record())).rejects.toBeInstanceOf(RetryLaterError)
  expect(published).toEqual([])
})

test('a record whose publish reached nobody waits too', async () => {
  await expect(flow(block(100), { recipients: 0 }).handler(record())).rejects.toBeInstanceOf(RetryLaterError)
})

test.each([
  ['an old subtree is skipped', subtree, 'too-old'],
  ['an old block below the newest is skipped', block(99), 'too-old'],
  ['the newest block is never skipped', block(100), 'published'],
])('%s', async (_, announcement, outcome) => {
  expect(await flow(announcement).handler(record({}, NOW - MAX_AGE_MS - 1))).toBe(outcome)
})

test('a record that this bridge wrote itself is not published again', async () => {
  const { handler, published } = flow(block(100))
  expect(await handler(record({ 'bridge-id': 'node-a' }))).toBe('own-bridge')
  expect(published).toEqual([])
})

test('an announcement that is too large for gossip is bad input, not a stuck partition', async () => {
  const { handler } = flow(block(100), { publishError: new RangeError('1 MiB') })
  await expect(handler(record())).rejects.toMatchObject({ name: 'BadInputError', reason: 'too-large' } satisfies Partial<BadInputError>)
})

test('what is not the own node’s is skipped', async () => {
  expect(await flow(undefined).handler(record())).toBe('skipped')
})
