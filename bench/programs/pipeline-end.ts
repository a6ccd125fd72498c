import '../../src/lifecycle/promise-with-resolvers.ts'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { createDeadLetters } from '../../src/app/dead-letters.ts'
import { appendTo, createEventLog, createEventLogView } from '../../src/app/event-log.ts'
import { createGroup } from '../../src/app/groups.ts'
import { createPulse } from '../../src/app/instance-records.ts'
import { membershipOf } from '../../src/app/log-group.ts'
import { followForValidation } from '../../src/app/validation.ts'
import { createWireFormats } from '../../src/app/wire-formats.ts'
import { kafkaOptions } from '../../src/config/kafka-options.ts'
import { readSettings } from '../../src/config/reading/read-settings.ts'
import { StateFilter } from '../../src/events/writing/state-filter.ts'
import { gossipToLog } from '../../src/flows/gossip-to-log.ts'
import { ephemeralIdentity } from '../../src/identity/key.ts'
import { createKafka } from '../../src/kafka/client/connection.ts'
import { createProducer, type Producer } from '../../src/kafka/producer/producer.ts'
import { SYSTEM_CLOCK } from '../../src/lifecycle/clock.ts'
import { Health } from '../../src/lifecycle/health.ts'
import { Listeners } from '../../src/lifecycle/listeners.ts'
import { announcedHash } from '../../src/messages/announcement.ts'
import { createFlowMetrics } from '../../src/telemetry/flow-metrics.ts'
import { createKafkaMetrics } from '../../src/telemetry/kafka-metrics.ts'
import { block } from '../support/announcements.ts'
import { benchSchemas } from '../support/codec.ts'
import { sharedNow } from '../support/measure/clock.ts'
import { parent } from '../support/parent.ts'
import { quietLog as log } from '../support/quiet-log.ts'

export interface PipelineEndOptions {
  readonly environment: Readonly<Record<string, string>>
  readonly count: number
  readonly ratePerSecond: number
}

/** From the verdict on an announcement to the acknowledgements, for each of them, in ms. */
export interface PipelineEndReport {
  readonly inLog: readonly number[]
  readonly inBlocks: readonly number[]
  /** Between the first injection and the last acknowledgement. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

const TICK_MS = 1

// The bridge after the judge of gossip: pending announcements, event log, tail, validation, blocks. No libp2p, no browsers.
const { options, tell, on } = await parent<PipelineEndOptions>()
const { settings } = readSettings(
  { environment: options.environment },
  { readFile: (path) => readFileSync(path, 'utf8'), generateId: randomUUID },
)
const registry = new Registry()
const health = new Health({ clock: SYSTEM_CLOCK })
const shared = {
  log,
  health,
  formats: createWireFormats(settings, { schemas: benchSchemas() }),
  kafka: createKafka(kafkaOptions(settings), { log }),
  metrics: createFlowMetrics(registry),
  kafkaMetrics: createKafkaMetrics(registry),
}
const { events, blocks } = shared.formats.topics
const acknowledged = new Map([events, blocks].map((topic) => [topic, new Map<string, number>()]))
const producer = noting(
  createProducer({}, { clock: SYSTEM_CLOCK, ...shared, metrics: shared.kafkaMetrics, health: health.part('producer') }),
)
await producer.start()
const view = createEventLogView(settings, shared)
const pulse = createPulse(settings, { ...shared, view, registry })
await view.start()
const assignments = new Listeners()
const group = createGroup(
  settings,
  { name: 'log', flows: {}, ownedTopics: [events], onAssignment: () => assignments.emit() },
  { ...shared, deadLetters: createDeadLetters(settings, { ...shared, producer }) },
)
const membership = membershipOf(group, events, assignments)
const states = new StateFilter({ windowMs: settings.seen_window }, { view, clock: SYSTEM_CLOCK })
const eventLog = createEventLog(settings, { ...shared, view, states, membership, append: appendTo(producer, events) })
followForValidation(settings, { ...shared, eventLog, view, membership, producer, pulse })
await group.start()
while (!eventLog.isPrimary()) await pause(10)

/** The producer, which also records when each record was acknowledged. */
function noting(inner: Producer): Producer {
  const send: Producer['send'] = async (topic, record, sendOptions) => {
    const ack = await inner.send(topic, record, sendOptions)
    acknowledged.get(topic)?.set(`${record.key}`, sharedNow())
    return ack
  }
  return Object.assign(Object.create(inner) as Producer, {
    send,
    start: () => inner.start(),
    stop: () => inner.stop(),
    queued: () => inner.queued(),
  })
}

async function inject(count: number): Promise<PipelineEndReport> {
  const signer = (await ephemeralIdentity()).peerId
  const injected = Array.from({ length: count }, (_, index) => {
    const announcement = block(index + 1)
    return {
      announcement,
      id: shared.formats.announcementId(announcement, signer, { sequenceNumber: BigInt(index) }),
      hash: announcedHash(announcement),
      at: 0,
    }
  })
  let next = 0
  const hear = gossipToLog(
    { network: settings.network, bridgeId: settings.bridge_id },
    {
      judge: () => ({ verdict: 'accept', ...(injected[next] ?? never()) }),
      believe: (announcement) => announcement,
      offer: (event, occurrence) => eventLog.offer(event, occurrence),
      count: () => {},
      now: Date.now,
    },
  )
  const message = { topic: 'any', data: new Uint8Array(), signer, sequenceNumber: 0n, hop: signer, hopAddress: null }
  const cpuBefore = process.cpuUsage()
  const startedAt = sharedNow()
  for (; next < count; await pause(TICK_MS)) {
    const due = Math.min(count, Math.floor(((sharedNow() - startedAt) * options.ratePerSecond) / 1000))
    for (; next < due; next++) {
      ;(injected[next] ?? never()).at = sharedNow()
      hear(message)
    }
  }
  const last = injected.at(-1) ?? never()
  while (!acknowledged.get(blocks)?.has(last.hash) || (acknowledged.get(blocks)?.size ?? 0) < count) await pause(10)
  const { user, system } = process.cpuUsage(cpuBefore)
  const latencies = (topic: string, keyOf: (entry: (typeof injected)[number]) => string) =>
    injected.map((entry) => (acknowledged.get(topic)?.get(keyOf(entry)) ?? Number.NaN) - entry.at)
  const report = {
    inLog: latencies(events, ({ id }) => id),
    inBlocks: latencies(blocks, ({ hash }) => hash),
    cpuSeconds: (user + system) / 1e6,
    wallSeconds: (sharedNow() - startedAt) / 1000,
  }
  for (const times of acknowledged.values()) times.clear()
  return report
}

function never(): never {
  throw new Error('more was injected than there is')
}

on('go', () => void inject(options.count).then((report) => tell('report', report)))
tell('ready')
