import type { Settings } from '../config/settings.ts'
import type { EventLog } from '../events/event-log.ts'
import type { Membership } from '../events/ports.ts'
import type { OwnTip } from '../events/reading/own-tip.ts'
import { kafkaToGossip } from '../flows/kafka-to-gossip.ts'
import { MessageTooLargeError } from '../gossip/errors.ts'
import { PUBLISH_AGAIN, PublishAgain } from '../gossip/publish-again.ts'
import { UnheardKinds } from '../gossip/unheard-kinds.ts'
import { IdleGroupLag } from '../kafka/group/watch/idle-group-lag.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import { KAFKA_PATIENCE } from '../lifecycle/health.ts'
import { PROMPT_APART_MS } from '../lifecycle/pace/batch-pace.ts'
import { RareLog } from '../lifecycle/rare-log.ts'
import { WhilePresent } from '../lifecycle/while-present.ts'
import { ANNOUNCEMENT_TYPES, type AnnouncementType } from '../messages/announcement.ts'
import { byRole, groupTopics } from '../messages/topics.ts'
import { LatestSent } from '../peers/chain/latest-sent.ts'
import { SentRates } from '../peers/chain/sent-rates.ts'
import { WaitingStates } from '../peers/chain/waiting-states.ts'
import { tracedPublish } from '../tracing/traced-gossip.ts'
import { createGroup, type GroupsDeps, groupId } from './groups.ts'
import type { Peers } from './peers/peers.ts'

const WITHOUT_PEERS_MS = 10_000
/** How long a kind must have no subscribers before its notifications are skipped. */
const UNHEARD_AFTER_MS = 3000
const TOO_OLD = 'notifications of the own node are older than outbound_max_age and are not published any more'
const UNHEARD = 'notifications of the own node are passed over: peers are connected, but none subscribes to their kind'
const OVER_RATE = 'notifications of the own node are passed over: they are more than a node of this network announces'
const NO_PEERS = 'not a member: no peer of another node listens, so what is to be published waits in Kafka'

export interface GossipGroupDeps extends GroupsDeps {
  readonly peers: Peers
  readonly ownPeerId: string
  readonly eventLog: Pick<EventLog, 'now'>
  readonly membership: Pick<Membership, 'isAssigned'>
  readonly ownHeight: () => number | undefined
  readonly ownTip: Pick<OwnTip, 'current'>
}

/** The group that publishes the own node's notifications. Its member leaves while no other node's peer is connected, so that siblings
 * take over. */
export function createGossipGroup(settings: Settings, deps: GossipGroupDeps): { start(): void; stop(): Promise<void> } {
  const { formats, peers, ownPeerId, eventLog, membership, log } = deps
  const tooOld = new RareLog({}, { say: (records) => log.warn({ records, outboundMaxAgeMs: settings.outbound_max_age }, TOO_OLD) })
  const publisher = createPublishAgain(settings, { ...deps, tooOld })
  const unheard = new RareLog({}, { say: (records) => log.warn({ records }, UNHEARD) })
  const overRate = new RareLog({}, { say: (records) => log.warn({ records }, OVER_RATE) })
  const rates = new SentRates({ rateOf: formats.dialect.sentRate, clock: SYSTEM_CLOCK })
  const kinds = new UnheardKinds(
    { kinds: ANNOUNCEMENT_TYPES, afterMs: UNHEARD_AFTER_MS },
    { isHeard: (type) => peers.foreignSubscribers(type) > 0, clock: SYSTEM_CLOCK },
  )
  const latest = new LatestSent()
  const waiting = new WaitingStates()
  const flow = {
    flow: 'kafka-to-gossip',
    handle: kafkaToGossip(
      { bridgeId: settings.bridge_id, maxAgeMs: settings.outbound_max_age, isAnnouncing: settings.listen_mode === 'full' },
      {
        toAnnouncement: formats.toAnnouncement,
        encode: (announcement) => formats.dialect.encode(announcement, ownPeerId),
        sendFault: (announcement) => formats.dialect.sendFault(announcement, ownPeerId),
        onRefused: (type, fault) => peers.refused(type, fault),
        announced: peers.announced,
        foreignSubscribers: (type) => peers.foreignSubscribers(type),
        isUnheard: (type) => kinds.isUnheard(type),
        onUnheard: (type) => unheard.count(type),
        mayPublish: (type) => rates.admit(type),
        onOverRate: (type) => overRate.count(type),
        publish: (sent) => {
          const send = () => waiting.publish(sent, (signal) => publisher.publish(sent.announcement.type, sent.data, signal))
          return deps.tracer ? tracedPublish({ type: sent.announcement.type, trace: sent.trace }, send, deps.tracer) : send()
        },
        laterThan: (sent) => latest.laterThan(sent),
        ownHeight: deps.ownHeight,
        isOwnTip: (hash) => deps.ownTip.current()?.hash === hash,
        isTooLarge: (error) => error instanceof MessageTooLargeError,
        onTooOld: (type) => tooOld.count(type),
        now: () => eventLog.now(), // with our own clock, a clock that is ahead would skip fresh records
      },
    ),
  }
  const health = deps.health.part('group gossip', KAFKA_PATIENCE)
  const undoChange = peers.onChange(() => {
    publisher.peersChanged()
    kinds.peersChanged()
  })
  const undoAnswer = peers.onAnswer((askedAt) => publisher.answered(askedAt))
  const idleLag = new IdleGroupLag(
    { groupId: groupId(settings, 'gossip'), topics: groupTopics('gossip').map((role) => formats.topics[role]) },
    { ...deps, metrics: deps.kafkaMetrics, isOurs: () => membership.isAssigned() },
  )
  const member = new WhilePresent(
    { checkEachMs: 1000, stopAfterMs: WITHOUT_PEERS_MS },
    {
      clock: SYSTEM_CLOCK,
      isPresent: () => peers.hasForeignPeer(),
      start: async () => {
        void idleLag.stop() // a member shows its own lag
        const flows = byRole(groupTopics('gossip'), () => flow)
        const group = createGroup(settings, { name: 'gossip', flows, pollsApartMs: PROMPT_APART_MS }, deps)
        await group.start()
        return group
      },
      onAway: () => {
        health.ready(NO_PEERS)
        idleLag.start()
      },
      onError: (error) => log.error({ err: error }, 'joining or leaving the gossip group failed'),
    },
  )
  return {
    start: () => member.start(),
    async stop() {
      undoChange()
      undoAnswer()
      publisher.stop()
      await Promise.all([member.stop(), idleLag.stop()])
      tooOld.stop()
      unheard.stop()
      overRate.stop()
    },
  }
}

function createPublishAgain(
  settings: Settings,
  { peers, metrics, log, tooOld }: GossipGroupDeps & { readonly tooOld: RareLog },
): PublishAgain<AnnouncementType> {
  const options = { ...PUBLISH_AGAIN, keptMaxAgeMs: settings.outbound_max_age, lastingKind: 'block' } as const
  return new PublishAgain<AnnouncementType>(options, {
    publish: (type, data, signal) => peers.publish(type, data, signal),
    isHeard: () => peers.hasForeignPeer(),
    onPublishedAgain: () => metrics.records.inc({ flow: 'kafka-to-gossip', outcome: 'published-again' }),
    onTooOld(type) {
      metrics.records.inc({ flow: 'kafka-to-gossip', outcome: 'too-old' })
      tooOld.count(type)
    },
    onError: (error) => log.debug({ err: error }, 'a message that a lost peer may not have kept could not be published again yet'),
    now: SYSTEM_CLOCK.steady,
  })
}
