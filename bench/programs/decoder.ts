import avro from 'avsc'
import { fromEventRecord, toEventRecord } from '../../src/events/entries/event-record.ts'
import type { LogEvent } from '../../src/events/event.ts'
import type { KafkaRecord } from '../../src/kafka/record.ts'
import { type Announcement, kindOf } from '../../src/messages/announcement.ts'
import { schemasOf } from '../../src/messages/codec/schemas.ts'
import { ownAnnouncement } from '../../src/messages/own-announcement.ts'
import type { ValueRole } from '../../src/messages/topics.ts'
import { block, DATA_HUB_URL, randomHash, subtree } from '../support/announcements.ts'
import { benchCodec, benchSchemas } from '../support/codec.ts'
import { parent } from '../support/parent.ts'

export interface DecoderOptions {
  readonly roundMs: number
  readonly rounds: number
}

/** Records per second in each round. */
export interface DecoderRates {
  readonly inTopic: readonly number[]
  readonly inTopicBare: readonly number[]
  readonly log: readonly number[]
  readonly logBare: readonly number[]
}

const RECORDS = 3000
const FRAMING_BYTES = 5

// No Kafka, no network: bytes in, announcements with their routes out.
const { options, tell } = await parent<DecoderOptions>()
const codec = benchCodec()

function ownNotifications(): Buffer[] {
  const none = { height: null, header: null, previousHash: null, miner: null, sizeInBytes: null, txCount: null }
  return Array.from({ length: RECORDS }, (_, index) => {
    const hash = randomHash()
    if (index % 10 === 0) return codec.encode('notifications', { ...none, type: 'Block', hash, height: index, header: '0'.repeat(160) })
    if (index % 10 !== 1) return codec.encode('notifications', { ...none, type: 'Subtree', hash })
    const counts = { sizeInBytes: 4_000_000_000n, txCount: 9_000_000n }
    const mining = { type: 'MiningOn', height: index, previousHash: randomHash(), miner: '/a miner/', ...counts }
    return codec.encode('notifications', { ...none, ...mining, hash })
  })
}

function logEntries(): Buffer[] {
  const common = {
    network: 'regtest',
    bridgeId: 'bench',
    origin: 'network',
    peerId: '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK',
  } as const
  return Array.from({ length: RECORDS }, (_, index) => {
    const announcement: Announcement = index % 10 === 0 ? block(index) : subtree()
    const event: LogEvent = { ...common, id: randomHash().slice(0, 32), receivedAt: Date.now(), ...announcement }
    return toEventRecord(event, codec).value
  })
}

/** The route of an own notification: its kind's gossip topic and the decoded and checked content. */
function routeNotification(bytes: Buffer): number {
  const announcement = ownAnnouncement('notifications', codec.decode('notifications', bytes), {
    dataHubUrl: DATA_HUB_URL,
    clientName: 'node-a',
  })
  return announcement ? kindOf(announcement.type).gossip.setting.length : 0
}

/** The route of an entry of the event log: its validation topic, and its browsers. */
function routeEvent(value: KafkaRecord['value']): number {
  const event = fromEventRecord({ value, headers: {} }, codec)
  if (!event || event.type === 'sync' || event.type === 'ban' || event.type === 'instance') return 0
  const { validation, teranode } = kindOf(event.type)
  return (validation?.topic.length ?? 0) + (teranode?.type.length ?? 0)
}

/** The cost of avsc alone for the same bytes. */
function bareDecoder(role: ValueRole): (bytes: Buffer) => number {
  const type = avro.Type.forSchema(JSON.parse(schemasOf(benchSchemas(), role).written.text))
  return (bytes) => (type.decode(bytes, FRAMING_BYTES).offset === bytes.length ? bytes.length : 0)
}

/** Whole rounds over all records, until the time is over. */
function rate(records: readonly Buffer[], work: (bytes: Buffer) => number): number {
  const startedAt = performance.now()
  let done = 0
  let kept = 0
  for (; performance.now() - startedAt < options.roundMs; done += records.length) for (const bytes of records) kept += work(bytes)
  if (kept === 0) throw new Error('nothing was decoded')
  return (done * 1000) / (performance.now() - startedAt)
}

const work = [
  { name: 'inTopic', records: ownNotifications(), run: routeNotification },
  { name: 'inTopicBare', records: ownNotifications(), run: bareDecoder('notifications') },
  { name: 'log', records: logEntries(), run: routeEvent },
  { name: 'logBare', records: logEntries(), run: bareDecoder('events') },
] as const
const rates: Record<keyof DecoderRates, number[]> = { inTopic: [], inTopicBare: [], log: [], logBare: [] }
for (const { name, records, run } of work) {
  if (!records.every((bytes) => run(bytes) > 0)) throw new Error(`${name} does not decode all its records`)
  rate(records, run) // the compiler's warm-up
}
for (let round = 0; round < options.rounds; round++) for (const { name, records, run } of work) rates[name].push(rate(records, run))
tell('rates', rates)
