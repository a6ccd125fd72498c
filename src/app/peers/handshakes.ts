import type { Logger } from 'pino'
import type { Bans } from '../../bans/bans.ts'
import type { Settings } from '../../config/settings.ts'
import type { EventLog } from '../../events/event-log.ts'
import type { OwnTip } from '../../events/reading/own-tip.ts'
import { statusToSync } from '../../flows/status-to-sync.ts'
import { syncToLog } from '../../flows/sync-to-log.ts'
import type { DirectObject, GossipHost } from '../../gossip/host.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import type { Listeners } from '../../lifecycle/listeners.ts'
import { plainTopicPrefix } from '../../messages/dialects/gossip-topics.ts'
import { isHandshake } from '../../messages/dialects/handshake.ts'
import type { HeardMessage, Talk } from '../../messages/judge-gossip.ts'
import { createBestBlockSearch } from '../../peers/best-block-search.ts'
import type { BelievedHeights } from '../../peers/chain/believed-heights.ts'
import { Handshakes, PER_PEER } from '../../peers/handshakes.ts'
import { SignerRates } from '../../peers/signer-rates.ts'
import type { GossipMetrics } from '../../telemetry/gossip-metrics.ts'
import { ownDataHubUrl, type WireFormats } from '../wire-formats.ts'

export interface HandshakesParts {
  readonly host: GossipHost
  readonly formats: WireFormats
  readonly bans: Pick<Bans, 'isBanned'>
  readonly eventLog: Pick<EventLog, 'offer' | 'isSeen' | 'isSibling' | 'subscribe'>
  readonly ownTip: Pick<OwnTip, 'current'>
  readonly heights: BelievedHeights
  readonly hear: (message: HeardMessage) => 'accept' | 'ignore'
  readonly talks: Listeners<{ talk: Talk; signer: string }>
  readonly subscriptions: Listeners<{ peerId: string; topics: readonly string[] }>
  readonly objects: Listeners<DirectObject>
  readonly gossipMetrics: GossipMetrics
  readonly log: Logger
}

/** Connects the handshakes with the host, the judge and the event log. */
export function createHandshakes(settings: Settings, parts: HandshakesParts): { start(): void; stop(): void } {
  const { host, formats, eventLog, heights, hear, gossipMetrics, log } = parts
  const ownTip = () => parts.ownTip.current()
  const { nameOf } = formats.gossipTopics
  const { network, bridge_id: bridgeId } = settings
  const own = { ownPeerId: host.peerId, dataHubUrl: ownDataHubUrl(settings) }
  const toLog = syncToLog(
    { network, bridgeId },
    { ...eventLogFunctions(eventLog), believe: (height, peerId) => heights.of('sync', height, peerId), clock: SYSTEM_CLOCK },
  )
  const stopping = new AbortController()
  const handshakes = new Handshakes(
    { ...own, listenMode: settings.listen_mode, userAgent: USER_AGENT, topicPrefix: plainTopicPrefix(network) },
    {
      ownBest: ownTip,
      isSibling: (peerId) => eventLog.isSibling(peerId),
      isBanned: (peerId) => parts.bans.isBanned({ peerId }),
      send: (peerId, data) => host.send(peerId, data),
      publish: async (kind, data) => void (await host.publish(nameOf[kind], data, { priority: 'low', countIf: () => true })),
      encodeBestBlock: () => {
        const tip = ownTip()
        return tip && formats.dialect.encode({ type: 'block', block: { ...tip, dataHubUrl: own.dataHubUrl } }, own.ownPeerId)
      },
      onAhead: (peerId, block) => void toLog(peerId, block),
      count: (outcome) => gossipMetrics.handshakes.inc({ outcome }),
      clock: SYSTEM_CLOCK,
      signal: stopping.signal,
    },
  )
  const search = createBestBlockSearch(
    {},
    {
      isHeard: () => host.subscribers(nameOf['best-block']).length > 0,
      ask: () => handshakes.askBestBlock(),
      onError: (err) => log.debug({ err }, 'the request for the best block was not sent, the next one follows'),
      signal: stopping.signal,
    },
  )
  const hearObject = ({ peerId, address, data }: DirectObject) => {
    const isBlock = !isHandshake(data)
    if (isBlock && nameOf['best-block'] === '') return // we asked for none
    const topic = nameOf[isBlock ? 'block' : 'handshake']
    const verdict = hear({ topic, data, signer: peerId, sequenceNumber: 0n, hop: peerId, hopAddress: address })
    if (isBlock && verdict === 'accept') search.answered()
  }
  const rates = new SignerRates(PER_PEER, { clock: SYSTEM_CLOCK })
  const admit = (peerId: string) => {
    const isAdmitted = rates.admit(peerId)
    if (!isAdmitted) gossipMetrics.handshakes.inc({ outcome: 'too-often' })
    return isAdmitted
  }
  const undo = [
    eventLog.subscribe(statusToSync({ ownHeight: () => ownTip()?.height, admit, toLog })),
    parts.talks.add(({ talk, signer }) => void handshakes.heard(talk, signer)),
    parts.objects.add(hearObject),
    parts.subscriptions.add(({ peerId, topics }) => {
      if (topics.includes(nameOf.handshake)) void handshakes.subscribed(peerId)
    }),
  ]
  return {
    start() {
      if (nameOf['best-block'] !== '') void search.run()
    },
    stop() {
      stopping.abort()
      for (const remove of undo) remove()
    },
  }
}

/** As older nodes write it. */
const USER_AGENT = 'teranode/bitcoin/1.0.0'

function eventLogFunctions(eventLog: HandshakesParts['eventLog']) {
  const { isSeen, offer } = eventLog
  return { isSeen: isSeen.bind(eventLog), offer: offer.bind(eventLog) }
}
