import { expect, test } from 'vitest'
import { topicEncodings, topicNames } from '../../../src/config/topic-names.ts'
import { judgeIdentity } from '../../../src/doctor/host/identity.ts'
import { examineRuntime, NativePartError } from '../../../src/doctor/host/runtime.ts'
import type { ClusterFacts, DatabaseFacts } from '../../../src/doctor/ports.ts'
import { judgeEncodings } from '../../../src/doctor/services/encodings.ts'
import { judgeBootstrap, judgeBrokerClock, judgeCluster, judgeTopics } from '../../../src/doctor/services/kafka.ts'
import { judgeDatabase, judgeUnusable } from '../../../src/doctor/services/postgres.ts'
import { settingsOf } from '../../support/bridge/settings.ts'

const topics = topicNames(settingsOf())
const ALL = ['Read', 'Write', 'Create', 'Describe', 'DescribeConfigs']
const CLUSTER: ClusterFacts = {
  brokers: [{ nodeId: 1, address: 'kafka-1:9092', fault: undefined }],
  fetchVersion: 17,
  topics: Object.values(topics).map((topic) => ({ topic, state: 'exists', operations: ALL })),
  groups: ['a.log', 'a.gossip'].map((group) => ({ group, isHidden: false, operations: ALL })),
  throttledMs: 0,
}
const bad = (findings: readonly { grade: string; reason: string }[]) =>
  findings.filter(({ grade }) => grade !== 'ok').map(({ grade, reason }) => `${grade} ${reason}`)
const cluster = (more: Partial<ClusterFacts>, isRelay = true) => bad(judgeCluster({ ...CLUSTER, ...more }, { isRelay, topics }))

test('a cluster that has everything', () => {
  expect(cluster({})).toEqual([])
})

test('validation topics of which one is in Protobuf are a slip', () => {
  const judged = (changes: Parameters<typeof settingsOf>[0]) => judgeEncodings(topicEncodings(settingsOf(changes)))
  expect(judged({})).toEqual([])
  expect(judged({ ENCODING_BLOCKS: 'protobuf', ENCODING_SUBTREES: 'protobuf' })).toMatchObject([{ grade: 'ok' }])
  expect(bad(judged({ ENCODING_BLOCKS: 'protobuf' }))).toEqual([expect.stringMatching(/^warn encoding_subtrees is avro/)])
  expect(bad(judged({ ENCODING_BLOCKS: 'json', ENCODING_SUBTREES: 'protobuf' }))).toEqual([
    expect.stringMatching(/^warn encoding_blocks is json/),
  ])
})

test('each missing right is named with its topic or group', () => {
  const without = (name: string, ...operations: string[]) =>
    CLUSTER.topics.map((each) => (each.topic === name ? { ...each, operations: ALL.filter((one) => !operations.includes(one)) } : each))
  expect(cluster({ topics: without(topics.events, 'Write', 'DescribeConfigs') })).toEqual([
    'fail this user lacks Write, DescribeConfigs on the topic p2p-events',
  ])
  expect(cluster({ topics: without(topics.notifications, 'Write') })).toEqual([])
  expect(cluster({ topics: CLUSTER.topics.map((each) => ({ ...each, state: 'hidden', operations: undefined })) })).toContain(
    'fail this user lacks Read, Describe on the topic blockchain-notifications',
  )
  expect(cluster({ groups: [{ group: 'a.log', isHidden: true, operations: undefined }] })).toEqual([
    'fail this user lacks Read, Describe on the group a.log',
  ])
  expect(cluster({ groups: [{ group: 'a.log', isHidden: false, operations: ['Describe'] }] })).toEqual([
    'fail this user lacks Read on the group a.log',
  ])
})

test('an edge needs the event log only, and no group', () => {
  const onlyRead = CLUSTER.topics.map((each) => ({ ...each, operations: each.topic === topics.events ? ['Read', 'Describe'] : [] }))
  expect(cluster({ topics: onlyRead, groups: [] }, false)).toEqual([])
  expect(cluster({ topics: onlyRead }, true).length).toBeGreaterThan(3)
})

test('old brokers, unreachable advertised addresses and quotas', () => {
  expect(cluster({ fetchVersion: 11 })).toEqual(['fail the brokers are older than Kafka 2.7 (Fetch up to version 11)'])
  expect(cluster({ brokers: [{ nodeId: 2, address: 'kafka-2:9092', fault: 'getaddrinfo ENOTFOUND' }] })).toEqual([
    'fail broker 2 advertises itself as kafka-2:9092, and does not work from here: getaddrinfo ENOTFOUND',
  ])
  expect(cluster({ throttledMs: 300 })).toEqual(['warn a quota delayed a request for 300 ms'])
})

test('one bootstrap broker of several that is down is a warning', () => {
  const up = { broker: 'a:9092', fault: undefined }
  const down = { broker: 'b:9092', fault: 'refuses connections' }
  expect(bad(judgeBootstrap([up, down]))).toEqual(['warn the bootstrap broker b:9092 refuses connections'])
  expect(bad(judgeBootstrap([down]))).toEqual(['fail the bootstrap broker b:9092 refuses connections'])
})

test('an error of a topic is a failure, a warning a warning', () => {
  const differences = [
    { severity: 'error', problem: 'a', fix: 'x' },
    { severity: 'warning', problem: 'b', fix: 'y' },
  ] as const
  expect(bad(judgeTopics({ missing: [], differences, compared: 2 }))).toEqual(['fail a', 'warn b'])
  expect(bad(judgeTopics({ missing: ['c', 'd'], differences: [], compared: 2 }))).toEqual(['fail these topics do not exist: c, d'])
})

test('the newest event tells how far our clock is behind the brokers', () => {
  const now = 1_700_000_000_000
  expect(bad([judgeBrokerClock({ newestAt: now + 60_000, now })])).toEqual([
    "fail this host's clock is at least 60 s behind the brokers': the newest event is from its future",
  ])
  for (const newestAt of [now + 1000, now - 10_000, now - 1e9, undefined]) expect(bad([judgeBrokerClock({ newestAt, now })])).toEqual([])
})

const DATABASE: DatabaseFacts = {
  serverVersion: '17.2',
  user: 'bridge',
  database: 'bridge',
  isTls: true,
  isReadOnly: false,
  aheadMs: 12,
  roundTripMs: 0.4,
  missingMigrations: [],
  mayMigrate: true,
  missingPrivileges: [],
  connections: { used: 10, most: 97 },
  notificationQueue: 0,
  keepsSession: true,
}

test.each<[Partial<DatabaseFacts>, string[]]>([
  [{}, []],
  [{ isReadOnly: true }, ['fail the database is read-only']],
  [{ keepsSession: false }, ['fail a pooler in transaction mode is in between: notifications and locks on keys do not work']],
  [{ missingMigrations: ['0001_bans'] }, ['warn migrations are missing: 0001_bans']],
  [{ missingMigrations: ['0001_bans'], mayMigrate: false }, ['fail migrations are missing: 0001_bans, and bridge may not apply them']],
  [{ missingPrivileges: ['bans: DELETE'] }, ['fail bridge lacks privileges: bans: DELETE']],
  [{ connections: { used: 95, most: 97 } }, ['warn 95 of 97 connections of the server are in use']],
  [{ notificationQueue: 0.7 }, ["warn the server's queue of notifications is 70 % full: a session listens and never reads"]],
  [{ aheadMs: 90_000 }, ["warn this host's clock is 90.0 s behind that of Postgres"]],
  [{ aheadMs: -90_000 }, ["warn this host's clock is 90.0 s ahead of that of Postgres"]],
])('a database with %j', (facts, expected) => {
  expect(bad(judgeDatabase({ ...DATABASE, ...facts }, { migrates: true }))).toEqual(expected)
})

test('a bridge that does not migrate by itself needs the migrations', () => {
  expect(bad(judgeDatabase({ ...DATABASE, missingMigrations: ['0001_bans'] }, { migrates: false }))).toEqual([
    'fail migrations are missing: 0001_bans, and banlist_migrate is false',
  ])
})

test.each([
  ['password authentication failed for user "bridge" (SQLSTATE 28P01)', /user and password/],
  ['connect ECONNREFUSED 127.0.0.1:1', /start Postgres/],
  ['self-signed certificate', /sslmode/],
  ['the database system is starting up (SQLSTATE 57P03)', /wait/],
  ['something else', /psql/],
])('a database that cannot be used because of %s', (message, remedy) => {
  expect(judgeUnusable(new Error(message))).toMatchObject({ grade: 'fail', remedy: expect.stringMatching(remedy) })
})

test('a bridge without a lasting key is warned', () => {
  expect(judgeIdentity({ peerId: undefined, hasPool: false }).grade).toBe('warn')
  expect(judgeIdentity({ peerId: undefined, hasPool: true }).grade).toBe('ok')
  expect(judgeIdentity({ peerId: '12D3KooW', hasPool: false }).grade).toBe('ok')
})

test('Node.js and native parts', async () => {
  const fine = { name: 'snappy', neededFor: 'x', load: async () => {} }
  const cause = new Error("libm.so.6: version `GLIBC_2.38' not found")
  const broken = { name: 'uWebSockets.js', neededFor: 'browsers', load: () => Promise.reject(new Error('does not load', { cause })) }
  const slow = { name: 'sodium-native', neededFor: undefined, load: () => Promise.reject(new Error('no binary')) }
  const look = async (nodeVersion: string, ...parts: (typeof fine)[]) =>
    bad(await examineRuntime({ nodeVersion, glibcVersion: '2.36', parts }))
  expect(await look('v22.21.1', fine)).toEqual([])
  expect(await look('v20.18.0', fine)).toEqual(['fail Node.js v20.18.0 is too old'])
  expect(await look('v18.20.0', fine)).toEqual(['fail Node.js v18.20.0 is too old'])
  expect(await look('v23.1.0', fine)).toHaveLength(1)
  expect(await look('v22.21.1', broken)).toEqual(['fail uWebSockets.js does not load here (glibc 2.36): it needs glibc 2.38'])
  const known = new NativePartError({ reason: 'no binary for Node.js v26.10.0', remedy: 'use Node.js 24' })
  const parts = [{ ...broken, load: () => Promise.reject(known) }]
  expect((await examineRuntime({ nodeVersion: 'v26.10.0', glibcVersion: '2.41', parts }))[1]).toMatchObject({
    reason: 'uWebSockets.js does not load here (glibc 2.41): no binary for Node.js v26.10.0',
    remedy: 'it is needed for browsers: use Node.js 24',
  })
  expect(await look('v22.21.1', slow as unknown as typeof fine)).toEqual(['warn sodium-native does not load here (glibc 2.36): no binary'])
})
