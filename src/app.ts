import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { createAdminDesk } from './app/admin/admin-desk.ts'
import { startAdmin } from './app/admin/start-admin.ts'
import { startGrpc } from './app/admin/start-grpc.ts'
import { createBanList } from './app/bans/ban-list.ts'
import { createBanPublishing } from './app/bans/ban-publishing.ts'
import { readPublishedBans } from './app/bans/published-bans.ts'
import { createScoresPart } from './app/bans/scores.ts'
import { createDeadLetters } from './app/dead-letters.ts'
import { appendTo, createEventLog, createEventLogView, createTopicWatch } from './app/event-log.ts'
import { createGossipGroup } from './app/gossip-group.ts'
import { ownGroups } from './app/groups.ts'
import { createHealthPort } from './app/health-port.ts'
import { takeOwnIdentity } from './app/identity/own-identity.ts'
import { importBrowsers } from './app/import-browsers.ts'
import { importPeers } from './app/import-peers.ts'
import { createInstanceIdGuard, createPulse } from './app/instance-records.ts'
import { createLogGroup } from './app/log-group.ts'
import { restoreOwnTip } from './app/peers/own-tip.ts'
import { createRelayProducer } from './app/producer.ts'
import { loadSchemas } from './app/schemas.ts'
import { createTracing } from './app/tracing/create-tracing.ts'
import { followForValidation } from './app/validation.ts'
import { createWireFormats } from './app/wire-formats.ts'
import { kafkaOptions } from './config/kafka-options.ts'
import type { Settings } from './config/settings.ts'
import { InstanceAnnouncer } from './events/instances/announce-instance.ts'
import { watchCrowd } from './events/instances/crowd-watch.ts'
import { QuietWatch } from './events/quiet-watch.ts'
import { AnnouncedPeers } from './events/reading/announced-peers.ts'
import { Announcers } from './events/reading/announcers.ts'
import { BlockWatch } from './events/reading/block-watch.ts'
import { OwnTip } from './events/reading/own-tip.ts'
import { appendOwnAnnouncements } from './events/writing/own-announcements.ts'
import { StateFilter } from './events/writing/state-filter.ts'
import { createKafka } from './kafka/client/connection.ts'
import { createGroupWatch } from './kafka/group/watch/group-watch.ts'
import { SYSTEM_CLOCK } from './lifecycle/clock.ts'
import type { Health } from './lifecycle/health.ts'
import { StartSteps, startParts } from './lifecycle/start-steps.ts'
import { Stops } from './lifecycle/stops.ts'
import { Crowd } from './scores/crowd.ts'
import { createBansMetrics } from './telemetry/bans-metrics.ts'
import { createEventLogMetrics, createFlowMetrics } from './telemetry/flow-metrics.ts'
import { createGossipMetrics } from './telemetry/gossip-metrics.ts'
import { createKafkaMetrics } from './telemetry/kafka-metrics.ts'
import { createWebSocketMetrics } from './telemetry/websocket-metrics.ts'

export interface AppDeps {
  readonly log: Logger
  readonly registry: Registry
  readonly health: Health
  readonly version: string
  /** The settings in effect now: a reload changes those that are marked so. */
  readonly current: () => Settings
  /** Calls the listener after each reload. Returns the unsubscribe function. */
  readonly onReload: (listener: () => void) => () => void
  /** Aborted when the process has to end: a start in progress gives up. */
  readonly signal: AbortSignal
  /** Called when the process cannot continue and has to shut down gracefully. */
  readonly fatal: (error: Error) => void
  /** Called with the name of the part that a long start waits for. */
  readonly onWaiting: (part: string) => void
}

export interface App {
  /** Stops sources first, sinks last. Returns within the deadline even if a part hangs. */
  stop(): Promise<void>
}

/** The whole bridge. If the start fails, the parts already started are stopped. */
export async function createApp(settings: Settings, deps: AppDeps): Promise<App> {
  const stops = new Stops({ clock: SYSTEM_CLOCK, log: deps.log })
  return startParts({ deadlineMs: settings.shutdown_deadline }, { stops, signal: deps.signal }, () => start(settings, deps, stops))
}

/**
 * Creates and starts every part, sinks before sources, so that no input arrives before its destination is ready. The stop goes in
 * reverse order.
 *
 *     in-topics ─┬─ kafka-to-gossip ─▶ GossipSub
 *                └─ kafka-to-log ────┐
 *     GossipSub ─── gossip-to-log ───┴─▶ event log ─┬─ log-to-validation ─▶ blocks, subtrees
 *                                                   └─ log-to-browsers ───▶ WebSocket
 */
async function start(settings: Settings, deps: AppDeps, stops: Stops): Promise<void> {
  const { log, registry, health, version, current, onReload, signal, fatal, onWaiting } = deps
  const { network, bridge_id: bridgeId, instance_id: instanceId, gossip_dialect: dialect, roles } = settings
  const starts = new StartSteps({ signal, onWaiting })
  const libp2p = roles.includes('relay') ? importPeers() : undefined
  const browserParts = roles.includes('edge') ? await importBrowsers() : undefined

  const healthPort = createHealthPort(settings, { log, registry, health })
  stops.add('health port', () => healthPort.stop())
  await starts.run('health port', () => healthPort.start())

  const schemas = await starts.run('schema registry', () => loadSchemas(settings, { log, health, stops, signal }))
  const formats = createWireFormats(settings, schemas)
  const kafka = createKafka(kafkaOptions(settings), { log })
  const metrics = createFlowMetrics(registry)
  const kafkaMetrics = createKafkaMetrics(registry)

  // The event log, as every instance reads it, and its subscribers.
  const topicWatch = createTopicWatch(settings, { kafka, formats, log, health })
  stops.add('event log topic', () => topicWatch.stop())
  topicWatch.start()
  const view = createEventLogView(settings, { kafka, formats, log, health, metrics, kafkaMetrics })
  stops.add('event log', () => view.stop())
  if (formats.dialect.isMessageBus) stops.add('crowd watch', watchCrowd({ view, log }))
  const pulse = createPulse(settings, { view, registry, health })
  const startId = randomUUID()
  const guard = createInstanceIdGuard(settings, startId, { view, registry, health, log })
  const blocks = new BlockWatch(
    { bridgeId, network },
    { onBlock: (direction, receivedAt) => metrics.lastBlockSeconds.set({ direction }, receivedAt / 1000) },
  )
  blocks.follow(view)
  const announcers = new Announcers({ bridgeId, network })
  const ownTip = new OwnTip({ bridgeId, network })
  ownTip.follow(view)
  const announced = new AnnouncedPeers({ bridgeId, network })
  announced.follow(view)
  const quiet = new QuietWatch({ clock: SYSTEM_CLOCK })
  quiet.follow(view)
  const desk = createAdminDesk(settings, { version, formats, view, kafkaMetrics, log, health, registry, stops })
  const states = new StateFilter({ windowMs: settings.seen_window }, { view, clock: SYSTEM_CLOCK })

  // Browsers are served from the first moment, even if Kafka is not reachable yet.
  if (browserParts) {
    const browsers = await browserParts.createBrowsers(settings, {
      current,
      view,
      formats,
      version,
      log,
      health,
      metrics: createWebSocketMetrics(registry),
      pulse,
      desk,
    })
    stops.add('websocket', () => browsers.stop())
    await starts.run('websocket', () => browsers.start())
    stops.add('reload of browsers', onReload(browsers.reload))
  }
  if (!libp2p) return starts.run('event log', () => view.start())

  // Before the other parts of a relay, so that it is released last, after its host has stopped.
  const own = await starts.run('identity', () => takeOwnIdentity(settings, { log, health, registry, signal, fatal }))
  stops.add('identity', () => own.stop())
  const { peerId } = own.identity

  const tracing = createTracing(settings, { version, log, registry })
  stops.add('tracing', () => tracing.stop())
  const { tracer } = tracing
  const producer = createRelayProducer(settings, { kafka, formats, log, health, kafkaMetrics, tracer })
  stops.add('producer', () => producer.stop())
  await starts.run('producer', () => producer.start())
  const append = appendTo(producer, formats.topics.events)
  const deadLetters = createDeadLetters(settings, { producer, formats, metrics, log })
  stops.add('dead letters', () => deadLetters.stop())

  const bansMetrics = createBansMetrics(registry)
  const readPublished = () => readPublishedBans({ topic: formats.topics.bans }, { kafka, log, codec: formats.codec })
  const banList = createBanList(settings, { log, health, metrics: bansMetrics, eventLogNow: () => view.now(), readPublished })
  const { bans } = banList
  stops.add('bans', () => banList.stop())
  await starts.run('bans', () => bans.start())
  const crowd = new Crowd()
  const isSibling = (id: string) => id === peerId || view.isSibling(id)
  const scoring =
    banList.shared && createScoresPart(settings, { current, store: banList.shared.scores, bans, crowd, isSibling, registry, log })
  if (scoring) {
    stops.add('announcers', announcers.follow(view))
    stops.add('scores', () => scoring.scores.stop())
    stops.add('offences', () => scoring.offences.stop())
    scoring.scores.start()
  }

  await starts.run('event log', () => view.start())
  await starts.run('event log ownership', () => view.untilOurs())
  restoreOwnTip(ownTip, { view, formats, log, stops })
  const appendOwn = appendOwnAnnouncements({ view, states, append, toRecord: formats.toEventRecord })
  const isQuiet = () => quiet.isQuiet()
  const logGroup = createLogGroup(settings, {
    kafka,
    deadLetters,
    formats,
    log,
    health,
    kafkaMetrics,
    metrics,
    appendOwn,
    bans,
    scores: scoring?.scores,
    announcers,
    isQuiet,
    tracer,
  })
  const { membership } = logGroup
  const eventLog = createEventLog(settings, { view, states, append, membership, formats, log, metrics })
  createEventLogMetrics(registry, eventLog)
  const announcer = new InstanceAnnouncer(
    { network, bridgeId, instanceId, startId, version, dialect, peerId },
    { append: (event) => eventLog.append(event), pulse, guard, log, clock: SYSTEM_CLOCK },
  )
  stops.add('instance record', () => announcer.stop())
  await starts.run('instance record', () => announcer.start())
  stops.add('pending announcements', () => eventLog.stopWriting())

  const { createPeers } = await libp2p
  const peers = await createPeers(settings, {
    current,
    formats,
    own,
    bans,
    offences: scoring?.offences,
    eventLog,
    ownTip,
    appendOwn,
    version,
    log,
    health,
    metrics,
    gossipMetrics: createGossipMetrics(registry),
    registry,
    tracer,
  })
  stops.add('gossip', () => peers.host.stop())
  stops.add('crowd', crowd.follow({ list: () => peers.host.peers(), onChange: peers.onChange }))
  stops.add('reload of peers', onReload(peers.reload))
  own.guard(peers.host)
  await starts.run('gossip', () => peers.host.start())
  stops.add('talks', () => peers.stopTalks())
  peers.startTalks()
  stops.add(
    'ban enforcement',
    bans.onChange(() => peers.enforceBans()),
  )

  const { host } = peers
  await starts.run('admin API', () =>
    startAdmin(settings, { current, desk, version, ...banList, host, announced, scores: scoring?.scores, eventLog, log, health, stops }),
  )

  await starts.run('gRPC', () => {
    const [scores, reputationStore] = [scoring?.scores, banList.shared?.reputations]
    return startGrpc(settings, { current, bans, host, scores, reputationStore, announced, eventLog, log, health, registry, stops })
  })

  const gossipGroup = createGossipGroup(settings, {
    kafka,
    deadLetters,
    formats,
    log,
    health,
    kafkaMetrics,
    metrics,
    peers,
    ownPeerId: peerId,
    eventLog,
    membership,
    ownHeight: () => blocks.ownHeight(),
    ownTip,
    isQuiet,
    tracer,
  })
  stops.add('group gossip', () => gossipGroup.stop())
  gossipGroup.start()

  const groupWatch = createGroupWatch(
    { clientId: settings.kafka_client_id, groups: ownGroups(settings, formats) },
    { kafka, log, health, metrics: kafkaMetrics },
  )
  stops.add('group watch', () => groupWatch.stop())
  membership.onAssignment(() => groupWatch.rebalanced())
  stops.add('group log', () => logGroup.stop())
  const validation = followForValidation(settings, { eventLog, view, membership, producer, formats, pulse, kafkaMetrics, tracer })
  stops.add('validation', () => validation.stop())
  const publishing = { eventLog, membership, producer, kafka, formats, banList, bansMetrics, log, stops }
  const banPublishing = createBanPublishing(settings, publishing)
  stops.add('ban publishing', () => banPublishing.stop())
  banPublishing.start()
  await starts.run('group log', () => logGroup.start())
}
