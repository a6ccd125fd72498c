import type { Logger } from 'pino'
import type { Settings } from '../../config/settings.ts'
import type { Tip } from '../../events/reading/own-tip.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { BelievedHeights } from '../../peers/chain/believed-heights.ts'
import type { GossipMetrics } from '../../telemetry/gossip-metrics.ts'

export interface BelievedHeightsParts {
  readonly ownTip: { current(): Tip | undefined }
  readonly gossipMetrics: GossipMetrics
  readonly log: Logger
}

const TOO_HIGH =
  'a peer announces a height far above the own best block: it is believed up to max_height_lead (one warning per peer and hour)'

/** The cap on announced heights, with its metric and its warnings. */
export function createBelievedHeights(settings: Settings, { ownTip, gossipMetrics, log }: BelievedHeightsParts): BelievedHeights {
  return new BelievedHeights(
    { maxLead: settings.max_height_lead },
    {
      ownHeight: () => ownTip.current()?.height,
      onCapped: (type) => gossipMetrics.cappedHeights.inc({ type }),
      onWarning: (capped) => log.warn(capped, TOO_HIGH),
      clock: SYSTEM_CLOCK,
    },
  )
}
