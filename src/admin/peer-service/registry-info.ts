import type { RegistryEntry } from '../../reputation/ports.ts'
import { secondsOf } from './fields.ts'

/** A peer as the message PeerRegistryInfo. `points`: its score in src/scores. */
export function registryInfo(peer: RegistryEntry, points: number): object {
  const { reputation } = peer
  return {
    id: peer.peerId,
    height: peer.height,
    block_hash: peer.hash,
    data_hub_url: peer.dataHubUrl,
    ban_score: points,
    is_banned: peer.isBanned,
    is_connected: peer.connectedAt !== null,
    connected_at: secondsOf(peer.connectedAt),
    bytes_received: `${reputation.bytes}`,
    last_block_time: secondsOf(Math.max(peer.lastBlockAt, reputation.lastBlock)),
    last_message_time: secondsOf(peer.lastMessageAt),
    interaction_attempts: reputation.attempts,
    interaction_successes: reputation.successes,
    interaction_failures: reputation.failures,
    last_interaction_attempt: secondsOf(reputation.lastAttempt),
    last_interaction_success: secondsOf(reputation.lastSuccess),
    last_interaction_failure: secondsOf(reputation.lastFailure),
    reputation_score: peer.score,
    malicious_count: reputation.malicious,
    avg_response_time_ms: Math.round(reputation.responseMs),
    storage: peer.storage,
    client_name: peer.clientName,
    last_catchup_error: reputation.lastError,
    last_catchup_error_time: secondsOf(reputation.lastErrorAt),
    ...catchupFields(reputation),
  }
}

export function catchupFields({ catchupAttempts, catchupSuccesses, catchupFailures }: RegistryEntry['reputation']): object {
  return { catchup_attempts: catchupAttempts, catchup_successes: catchupSuccesses, catchup_failures: catchupFailures }
}
