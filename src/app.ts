import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { createBanList } from './app/ban-list.ts'
import type { Browsers } from './app/browsers.ts'
import { createGossipGroup } from './app/gossip-group.ts'
import type { GroupsDeps } from './app/groups.ts'
import { createHealthPort } from './app/health-port.ts'
import { takeIdentity } from './app/identity.ts'
import { createLogReading, type LogReading } from './app/log-reading.ts'
import { createLogTopicWatch } from './app/log-topic.ts'
import { createAnnouncer, createLogWriter } from './app/log-writing.ts'
import { createPeers } from './app/peers.ts'
import { readPublishedBans } from './app/published-bans.ts'
import { createPulse } from './app/pulse.ts'
import { createLogGroup, Holder } from './app/relay.ts'
import { loadSchemas } from './app/schemas.ts'
import { createWireFormats, type WireFormats } from './app/wire-formats.ts'
import { kafkaOptions } from './config/kafka-options.ts'
import type { Settings } from './config/settings.ts'
import type { OwnIdentity } from './identity/own-identity.ts'
import { createKafka } from './kafka/client/connection.ts'
import { createProducer } from './kafka/producer/producer.ts'
import { type Health, KAFKA_PATIENCE } from './lifecycle/health.ts'
import { Stops } from './lifecycle/stops.ts'
import { WRITTEN_TOPICS } from './messages/topics.ts'
import { createBansMetrics } from './telemetry/bans-metrics.ts'
import { createFlowMetrics, createRingMetrics } from './telemetry/flow-metrics.ts'
import { createGossipMetrics } from './telemetry/gossip-metrics.ts'
import { createKafkaMetrics } from './telemetry/kafka-metrics.ts'
import { createWebSocketMetrics } from './telemetry/websocket-metrics.ts'

export interface AppDeps {
  readonly log: Logger
  readonly registry: Registry
  readonly health: Health
  readonly version: string
  /** Aborted when the process is to end: a start that is under way gives up. */
  readonly signal: AbortSignal
  /** The process cannot go on, and is to end in order. */
  readonly fatal: (error: Error) => void
}

export interface App {
  /** Sources first, sinks last; returns within the deadline, whatever hangs. */
  stop(): Promise<void>
}

/**
 * The whole bridge: makes every part and connects them, sinks before sources, so that nothing comes in before it has
 * somewhere to go. The stop goes the other way round.
 *
 *     in-topics ─┬─ kafka-to-gossip ─▶ GossipSub
 *                └─ kafka-to-log ────┐
 *     GossipSub ─── gossip-to-log ───┴─▶ the log ─┬─ log-to-validation ─▶ blocks, subtrees
 *                                                 └─ log-to-browsers ───▶ WebSocket
 */
export async function createApp(settings: Settings, deps: AppDeps): Promise<App> {
  const stops = new Stops({ log: deps.log })
  const stop = () => stops.run(settings.shutdown_deadline)
  // A part that waits for Kafka returns from its start when it is stopped, so a signal during the start ends it too.
  const giveUp = () => void stop().catch(() => {})
  deps.signal.addEventListener('abort', giveUp, { once: true })
  try {
    await start(settings, deps, stops)
    deps.signal.throwIfAborted()
    return { stop }
  } catch (error) {
    await stop().catch(() => {})
    throw error
  } finally {
    deps.signal.removeEventListener('abort', giveUp)
  }
}

/** What the phases of the start share. */
interface Shared extends Omit<GroupsDeps, 'producer'> {
  readonly registry: Registry
  readonly version: string
  readonly stops: Stops
  /** Resolves when the part has started; rejects when the process is to end meanwhile, so that nothing starts after that. */
  readonly started: (start: Promise<void>) => Promise<void>
}

async function start(settings: Settings, deps: AppDeps, stops: Stops): Promise<void> {
  const { log, registry, health, version, signal } = deps
  const healthPort = createHealthPort(settings, { log, registry, health })
  stops.add('health port', () => healthPort.stop())
  const started = async (start: Promise<void>) => {
    await start
    signal.throwIfAborted()
  }
  await started(healthPort.start())

  const formats = createWireFormats(settings, await loadSchemas(settings, { log, health, stops, signal }))
  const kafka = createKafka(kafkaOptions(settings), { log })
  const metrics = createFlowMetrics(registry)
  const pulse = createPulse(settings, { registry, health })
  const shared = {
    log,
    registry,
    health,
    version,
    stops,
    started,
    formats,
    kafka,
    metrics,
    pulse,
    kafkaMetrics: createKafkaMetrics(registry),
  }

  const logTopic = createLogTopicWatch(settings, { ...shared, topic: formats.topics.events })
  stops.add('log topic', () => logTopic.stop())
  logTopic.start()
  let own: OwnIdentity | undefined
  let browsers: Browsers | undefined
  let relay: { relocate(): void } | undefined
  const reading = createLogReading(settings, {
    ...shared,
    onBatch: async (entries, next) => browsers?.deliver(entries, next),
    onGap: async (gap) => {
      relay?.relocate()
      await browsers?.server.gap(gap)
    },
  })
  stops.add('log', () => reading.stop())
  if (settings.roles.includes('edge')) browsers = await startBrowsers(settings, shared, reading, () => own?.identity.peerId ?? null)
  if (!settings.roles.includes('relay')) return started(reading.start())
  // Before all else of a relay, so that it is given back last, when its host does not run any more.
  const taken = await takeIdentity(settings, deps)
  own = taken
  stops.add('identity', () => taken.stop())
  signal.throwIfAborted()
  relay = await startRelay(settings, shared, reading, own)
}

/** Browsers get an answer from the first moment on, whether or not Kafka is there yet. */
async function startBrowsers(settings: Settings, shared: Shared, reading: LogReading, ownPeerId: () => string | null): Promise<Browsers> {
  const metrics = createWebSocketMetrics(shared.registry)
  const { createBrowsers } = await importBrowsers()
  const browsers = await createBrowsers(settings, { ...shared, metrics, ownPeerId, reader: () => reading.reader })
  shared.stops.add('websocket', () => browsers.stop())
  await shared.started(browsers.start())
  return browsers
}

/** From the producer, which everything ends in, to the consumer groups, which everything begins with. */
async function startRelay(settings: Settings, shared: Shared, reading: LogReading, own: OwnIdentity): Promise<{ relocate(): void }> {
  const { stops, started, health, registry, formats, log } = shared
  const { peerId } = own.identity
  const producer = createProducer(producerOptions(settings, formats), {
    ...shared,
    metrics: shared.kafkaMetrics,
    health: health.part('producer', KAFKA_PATIENCE),
  })
  stops.add('producer', () => producer.stop())
  await started(producer.start())

  const bansMetrics = createBansMetrics(registry)
  const banList = createBanList(settings, {
    log,
    health,
    metrics: bansMetrics,
    readPublished: () => readPublishedBans({ topic: formats.topics.bans }, { ...shared, codec: formats.codec }),
  })
  stops.add('bans', () => banList.stop())
  await started(banList.bans.start())

  await started(reading.start())
  await started(reading.untilOurs())
  const announcer = createAnnouncer(settings, { version: shared.version, peerId }, { ...shared, producer })
  stops.add('instance record', () => announcer.stop())
  await started(announcer.start())

  const holder = new Holder(formats.topics.events)
  const { writer, stop: stopWriter } = createLogWriter(settings, { ...shared, producer, reading, isHolder: () => holder.isHolder() })
  createRingMetrics(registry, () => writer.queued())
  stops.add('log writer', stopWriter)

  const { bans } = banList
  const peers = await createPeers(settings, { ...shared, own, bans, reading, writer, gossipMetrics: createGossipMetrics(registry) })
  stops.add('gossip', () => peers.host.stop())
  own.guard(peers.host)
  await started(peers.host.start())

  const relayDeps = { ...shared, producer, reading, peers, banList, bansMetrics, ownPeerId: peerId }
  const gossipGroup = createGossipGroup(settings, holder, relayDeps)
  stops.add('group gossip', () => gossipGroup.stop())
  const logGroup = createLogGroup(settings, holder, relayDeps)
  stops.add('group log', () => logGroup.stop())
  gossipGroup.start()
  await started(logGroup.start())
  return logGroup
}

function producerOptions(settings: Settings, { topics }: WireFormats) {
  return {
    lingerMs: settings.kafka_linger,
    maxBatchRecords: settings.kafka_batch_max_records,
    maxQueuedRecords: settings.kafka_queue_max_records,
    maxQueuedBytes: settings.kafka_queue_max_bytes,
    flushMs: settings.shutdown_deadline / 5, // what is queued while Kafka is away must not make the stop of everything fail
    topics: WRITTEN_TOPICS.map((role) => topics[role]),
  }
}

/** Imported only where browsers are served, because the binary of uWebSockets.js does not load on every system. */
async function importBrowsers(): Promise<typeof import('./app/browsers.ts')> {
  try {
    return await import('./app/browsers.ts')
  } catch (cause) {
    if (!/uWS/.test(String(cause))) throw cause
    throw new Error(
      'uWebSockets.js does not load here, so browsers cannot be served: on Linux its binaries for Node 22 and newer need glibc 2.38 ' +
        '(Debian 13, Ubuntu 24.04). Run this on such a system or with Node 20, or leave the role edge out',
      { cause },
    )
  }
}
