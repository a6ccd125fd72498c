import type { Logger } from 'pino'
import { RareLog } from '../lifecycle/rare-log.ts'
import type { GossipMetrics } from '../telemetry/gossip-metrics.ts'

/**
 * Why something was refused before a verdict. They are metric labels.
 *
 * Of an RPC (one packet of gossip): `oversize-rpc`, above 1 MiB; `unreadable-rpc`, no valid Protobuf; `too-many-entries`, too many messages,
 * subscriptions or control messages in it.
 *
 * Of a message, by its signature: `bad-signature`, `wrong-key` (not the signer's), `no-signature`, `no-signer`: no honest node passes
 * these on; `no-sequence-number` and `unknown-key`: some implementations do. `over-rate`: above the fair share of its neighbour and
 * signer; `over-rate-slow-key`: the same for a kind of key that is slow to verify. `replayed`: an old message of that signer, sent again.
 * `unknown-topic`: on none of our topics.
 *
 * Of a neighbour: `over-ids`: more message ids in lists than it may send; `over-subscriptions`: it changed its subscriptions too often;
 * `slowed-down`: its packets, or the frames of its connection, had to wait.
 *
 * Of a connection: `no-place`, all places for strangers are taken; `no-place-for-address`, those of its address are; `too-many-connections`, more new
 * ones a second than an address may have; `kept-out`, it is
 * or was behind a neighbour that was disconnected; `endless-negotiation`, it proposes protocols without end, also on a stream;
 * `oversize-frame`, a frame of the muxer above the largest one; `unread-answers`, it does not read what it makes us send. Of a stream:
 * `too-many-streams`, at a time or a second.
 *
 * Of the DHT: `dht-full`, a peer has enough records here; `dht-over-rate`, it asks too often.
 */
export const REFUSALS = [
  'oversize-rpc',
  'unreadable-rpc',
  'too-many-entries',
  'bad-signature',
  'wrong-key',
  'no-signature',
  'no-signer',
  'no-sequence-number',
  'unknown-key',
  'over-rate',
  'over-rate-slow-key',
  'replayed',
  'unknown-topic',
  'over-ids',
  'over-subscriptions',
  'slowed-down',
  'no-place',
  'no-place-for-address',
  'too-many-connections',
  'kept-out',
  'too-many-streams',
  'endless-negotiation',
  'oversize-frame',
  'unread-answers',
  'dht-full',
  'dht-over-rate',
] as const
export type Refusal = (typeof REFUSALS)[number]

/** Whose it was: what is known of it. */
export interface Refused {
  readonly peerId?: string
  readonly address?: string | null
}

export interface Refusals {
  count(reason: Refusal, whose: Refused): void
  /** Logs what has not been logged yet. */
  stop(): void
}

/** Counts what is refused before a verdict, and logs it at most once in ten seconds. */
export function createRefusals({ log, metrics }: { log: Logger; metrics: Pick<GossipMetrics, 'refused'> }): Refusals {
  const rare = new RareLog<Refused>(
    { everyMs: 10_000 },
    { say: (refused, latest) => log.warn({ refused, latest }, 'refused before a verdict, by reason') },
  )
  return {
    count(reason, whose) {
      metrics.refused.inc({ reason })
      rare.count(reason, whose)
    },
    stop: () => rare.stop(),
  }
}
