import type { BridgeStatus } from '../ports.ts'

/** The status for strangers: whether and what is well, and how many; no addresses, no reasons, no entries, nothing of Kafka's names. */
export function summaryOf(status: BridgeStatus): BridgeStatus {
  return {
    ...status,
    view: 'summary',
    parts: status.parts.map((part) => ({ ...part, reason: null })),
    peers: status.peers && { total: status.peers.total, list: null },
    bans: status.bans && { total: status.bans.total, list: null },
    kafka: status.kafka && { ...status.kafka, lags: [] },
  }
}
