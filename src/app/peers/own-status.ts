import type { Logger } from 'pino'
import type { Settings } from '../../config/settings.ts'
import type { OwnTip } from '../../events/reading/own-tip.ts'
import type { appendOwnAnnouncements } from '../../events/writing/own-announcements.ts'
import { statusToLog } from '../../flows/status-to-log.ts'
import type { GossipHost } from '../../gossip/host.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import type { AnnouncementType } from '../../messages/announcement.ts'
import { gatherStatus } from '../../peers/chain/gather-status.ts'
import { OwnStatus } from '../../peers/chain/own-status.ts'
import { ownDataHubUrl, type WireFormats } from '../wire-formats.ts'

export interface OwnStatusParts {
  readonly host: GossipHost
  readonly formats: WireFormats
  readonly ownTip: Pick<OwnTip, 'current' | 'onChange'>
  readonly appendOwn: ReturnType<typeof appendOwnAnnouncements>
  readonly publish: (type: AnnouncementType, data: Uint8Array) => Promise<number>
  readonly onRefused: (type: AnnouncementType, fault: string) => void
  readonly version: string
  readonly log: Logger
}

/** The status of the own node, in dialects that have a topic for it. */
export function createOwnStatus(settings: Settings, parts: OwnStatusParts): { start(): void; stop(): void } {
  const { host, formats, ownTip, log } = parts
  const { network, bridge_id: bridgeId, clientName, listen_mode: listenMode } = settings
  const stopping = new AbortController()
  const toLog = statusToLog({ network, bridgeId }, { append: parts.appendOwn, eventId: formats.announcementId, clock: SYSTEM_CLOCK })
  const status = new OwnStatus(
    { isSilent: listenMode === 'silent' },
    {
      gather: gatherStatus(
        {
          clientName,
          dataHubUrl: ownDataHubUrl(settings),
          listenMode,
          version: parts.version,
          stated: { storage: settings.node_storage, minMiningTxFee: settings.minminingtxfee },
        },
        { ownBest: () => ownTip.current(), peers: () => host.peers().length, clock: SYSTEM_CLOCK },
      ),
      encode: (announcement) => formats.dialect.encode(announcement, host.peerId),
      sendFault: (announcement) => formats.dialect.sendFault(announcement, host.peerId),
      onRefused: parts.onRefused,
      publish: async (data) => void (await parts.publish('node-status', data)),
      record: toLog,
      onError: (err) => log.debug({ err }, 'the status of the own node was not told, the next one follows'),
      clock: SYSTEM_CLOCK,
      signal: stopping.signal,
    },
  )
  return {
    start() {
      if (formats.gossipTopics.nameOf['node-status'] === '') return
      const undo = ownTip.onChange(() => void status.tipChanged())
      void status.run().finally(undo)
    },
    stop: () => stopping.abort(),
  }
}
