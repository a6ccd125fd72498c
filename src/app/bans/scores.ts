import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Bans } from '../../bans/bans.ts'
import type { Settings } from '../../config/settings.ts'
import { banBreaker } from '../../scores/ban-breaker.ts'
import type { Crowd } from '../../scores/crowd.ts'
import { GossipOffences } from '../../scores/gossip-offences.ts'
import { neverBanned } from '../../scores/never-banned.ts'
import type { ScoreStore } from '../../scores/ports.ts'
import { scoreBans } from '../../scores/score-bans.ts'
import { createScores, type Scores } from '../../scores/scores.ts'
import { createScoresMetrics } from '../../telemetry/scores-metrics.ts'
import { peerIdsOf } from '../peers/peer-ids.ts'

export interface ScoresPartDeps {
  /** The settings in effect now. */
  readonly current: () => Settings
  readonly store: ScoreStore
  readonly bans: Pick<Bans, 'apply' | 'find' | 'now'>
  readonly crowd: Crowd
  readonly isSibling: (peerId: string) => boolean
  readonly registry: Registry
  readonly log: Logger
}

export interface ScoresPart {
  readonly scores: Scores
  readonly offences: GossipOffences
}

/** The scores of signers, and the bans that follow from them. Only with a database. */
export function createScoresPart(settings: Settings, deps: ScoresPartDeps): ScoresPart {
  const { current, store, bans, crowd, isSibling, registry, log } = deps
  const metrics = createScoresMetrics(registry)
  const statics = peerIdsOf(() => current().p2p_static_peers)
  const isNeverBanned = neverBanned(settings.ban_never)
  const scores = createScores(
    {
      get threshold() {
        return current().p2p_ban_threshold
      },
      get banDurationMs() {
        return current().p2p_ban_duration
      },
      get mode() {
        return current().ban_mode
      },
    },
    {
      store,
      ban: scoreBans({
        find: (peerId) => bans.find({ peerId }),
        apply: (command, origin) => bans.apply(command, origin),
        breaker: banBreaker({ share: settings.ban_breaker_share }, { peers: () => crowd.size }),
        now: () => bans.now(),
      }),
      isExempt: (peerId) => isSibling(peerId) || statics.has(peerId) || isNeverBanned({ peerId, address: crowd.addressOf(peerId) }),
      metrics,
      log,
    },
  )
  const offences = new GossipOffences({
    charge: (charged) => scores.charge(charged),
    lost: (reason, count) => metrics.offences.inc({ reason, outcome: 'lost' }, count),
    now: () => bans.now(),
  })
  return { scores, offences }
}
