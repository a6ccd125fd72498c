import { expect, test } from 'vitest'
import { kafkaToGossip } from '../../../src/flows/kafka-to-gossip.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import { type Announcement, announcedHash } from '../../../src/messages/announcement.ts'
import { Announced } from '../../../src/peers/chain/announced.ts'
import { createTestClock } from '../../support/test-clock.ts'

const WINDOW_MS = 600_000
const hashes = Array.from({ length: 20 }, (_, index) => index.toString(16).padStart(64, '0'))

/** Instances of one bridge. What one publishes, the network hears, and its siblings hear from the network, unless they are cut off. */
function startInstances(count: number) {
  const clock = createTestClock()
  const copies = new Map<string, number>(hashes.map((hash) => [hash, 0]))
  const cutOff = new Set<number>()
  const remembered = Array.from({ length: count }, () => new Announced({ windowMs: WINDOW_MS }, { clock }))
  const publish = (instance: number, announcement: Announcement) => {
    const hash = announcedHash(announcement)
    copies.set(hash, (copies.get(hash) ?? 0) + 1)
    remembered.forEach((announced, sibling) => {
      if (sibling !== instance && !cutOff.has(sibling)) announced.add(announcement)
    })
  }
  const flows = remembered.map((announced, instance) =>
    kafkaToGossip(
      { bridgeId: 'a', maxAgeMs: WINDOW_MS, isAnnouncing: true },
      {
        toAnnouncement: ({ key }) => ({ type: 'subtree', subtree: { hash: `${key}`, dataHubUrl: 'http://a.example' } }),
        encode: () => Buffer.from('message'),
        sendFault: () => undefined,
        onRefused() {},
        announced,
        foreignSubscribers: () => 1,
        isUnheard: () => false,
        onUnheard() {},
        mayPublish: () => true,
        onOverRate() {},
        publish: async (sent) => {
          publish(instance, sent.announcement)
          return 1
        },
        laterThan: () => undefined,
        ownHeight: () => undefined,
        isOwnTip: () => false,
        isTooLarge: () => false,
        onTooOld() {},
        now: () => 0,
      },
    ),
  )
  const record = (hash: string): KafkaRecord => {
    return { topic: 'in', partition: 0, offset: 0n, key: Buffer.from(hash), value: Buffer.from('x'), headers: {}, timestamp: 0 }
  }
  const deliver = async (instance: number, some = hashes) => {
    const outcomes: unknown[] = []
    for (const hash of some) outcomes.push(await flows[instance]?.(record(hash)))
    return new Set(outcomes)
  }
  return { deliver, cutOff, clock, copies: () => new Set(copies.values()) }
}

test('three instances that all get a hash announce it once: a rebalance hands on what was published and not committed', async () => {
  const { deliver, copies } = startInstances(3)
  expect(await deliver(0)).toEqual(new Set(['published']))
  for (const instance of [1, 2, 0]) expect(await deliver(instance)).toEqual(new Set(['announced']))
  expect(copies()).toEqual(new Set([1]))
})

test('three instances that share the hashes, and then exchange their partitions, announce each once', async () => {
  const { deliver, copies } = startInstances(3)
  const part = (which: number) => hashes.filter((_, index) => index % 3 === which)
  for (const instance of [0, 1, 2]) await deliver(instance, part(instance))
  for (const instance of [0, 1, 2]) expect(await deliver(instance, part((instance + 1) % 3))).toEqual(new Set(['announced']))
  expect(copies()).toEqual(new Set([1]))
})

test('a crash between the publish and what siblings hear costs one copy of each hash, not one for each instance', async () => {
  const { deliver, cutOff, copies } = startInstances(3)
  cutOff.add(1).add(2)
  await deliver(0) // and never again: it has crashed before its commit
  cutOff.clear()
  expect(await deliver(1)).toEqual(new Set(['published']))
  expect(await deliver(2)).toEqual(new Set(['announced']))
  expect(copies()).toEqual(new Set([2]))
})

test('after the window a hash that its service repeats is announced again', async () => {
  const { deliver, clock, copies } = startInstances(3)
  await deliver(0)
  clock.pass(WINDOW_MS)
  expect(await deliver(1)).toEqual(new Set(['published']))
  expect(copies()).toEqual(new Set([2]))
})
