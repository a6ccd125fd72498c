import { expect, test } from 'vitest'
import type { LogEvent } from '../../../../src/events/event.ts'
import { type ReadLogDeps, readLog } from '../../../../src/events/reading/read-events.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'

const own = { bridgeId: 'node-a', network: 'regtest', dialect: 'plain' }

function event(id: string, instance?: { dialect?: string; bridgeId?: string }): LogEvent {
  const base = { id, network: 'regtest', bridgeId: instance?.bridgeId ?? 'node-a', origin: 'own', peerId: null, receivedAt: 0 } as const
  if (!instance) return { ...base, type: 'subtree', subtree: { hash: 'ab'.repeat(32), dataHubUrl: '' } }
  const state = { instanceId: 'i', peerId: null, version: '1', dialect: instance.dialect ?? 'plain', state: 'live' } as const
  return { ...base, type: 'instance', instance: state }
}

function read(events: (LogEvent | Error)[], deps: Partial<ReadLogDeps> = {}) {
  const heard = {
    entries: [] as bigint[],
    cameBy: [] as string[],
    unreadable: [] as bigint[],
    passed: [] as bigint[],
    foreign: [] as string[],
    batches: 0,
  }
  const known = new Set<string>()
  const flow = readLog(own, {
    decode: ({ offset }) => {
      const found = events[Number(offset)]
      if (!found || found instanceof Error) throw found ?? new Error('no record')
      return found
    },
    observe: (id) => !known.has(id) && Boolean(known.add(id)),
    passed: (next) => heard.passed.push(next),
    onEntry: ({ offset }) => heard.entries.push(offset),
    cameBy: (id) => heard.cameBy.push(id),
    onUnreadable: ({ offset }) => heard.unreadable.push(offset),
    onForeignInstance: (_, reason) => heard.foreign.push(reason),
    ...deps,
  })
  flow(
    events.map(
      (_, index): KafkaRecord => ({ topic: 'log', partition: 0, offset: BigInt(index), key: null, value: null, headers: {}, timestamp: 0 }),
    ),
  )
  return heard
}

test('repeats reach nobody but the ring', () => {
  const heard = read([event('a'), event('b'), event('a')])
  expect(heard.entries).toEqual([0n, 1n])
  expect(heard.cameBy).toEqual(['a', 'b', 'a'])
})

test('a record that is no event is said and passed over', () => {
  const heard = read([event('a'), new Error('not Avro'), event('b')])
  expect(heard.unreadable).toEqual([1n])
  expect(heard.passed).toEqual([2n])
  expect(heard.entries).toEqual([0n, 2n])
})

test.each([
  ['another bridge', { bridgeId: 'node-b' }, 'bridge_id "node-b"'],
  ['another dialect', { dialect: 'envelope' }, 'gossip_dialect "envelope"'],
])('an instance record of %s says that the log is shared by mistake', (_, instance, text) => {
  const heard = read([event('a', instance)])
  expect(heard.foreign).toHaveLength(1)
  expect(heard.foreign[0]).toContain(text)
  expect(heard.foreign[0]).toContain('topic_prefix')
})
