/** The bounds and times of the browser side, and what happens beyond them. `ws_max_clients` and `ws_max_backpressure_bytes` set two of them. */
export interface WebSocketLimits {
  /** Open clients in all; beyond it upgrades get 503 with Retry-After. */
  readonly maxClients: number
  /** Open clients of one IPv4 address or IPv6 /64 network; beyond it 503. A reverse proxy counts as one address. */
  readonly maxClientsPerAddress: number
  /** Upgrades a second, with a burst of twice as many; beyond it 503. */
  readonly upgradesPerSecond: number
  /** A longer inbound message closes its client with 1009. */
  readonly maxInboundBytes: number
  /** Inbound messages a second and client, with a burst of twice as many; beyond it the client is closed with 4429. */
  readonly inboundPerSecond: number
  /** Unsent bytes at which a client counts as slow and is closed with 4008. Twice as many are never held. */
  readonly slowClientBytes: number
  /** How often every client hears from the server. Teranode's clients expect its PING each 10 s. */
  readonly pingEachMs: number
  /** A client that is silent for so long, pings unanswered, is closed. */
  readonly idleTimeoutSeconds: number
  /** A client of `gossip-bridge.v1+json` that has not subscribed by then is closed with 4408. */
  readonly subscribeWithinMs: number
  /** The largest `last` of a subscription. */
  readonly maxLast: number
  /** Recent events in memory, from which short absences are served without asking Kafka. */
  readonly recentItems: number
  readonly recentBytes: number
  /** Replays that read from Kafka at the same time; the others wait for their turn. */
  readonly concurrentReads: number
  /** How long a read of the past may take before the client is sent away with 1013. */
  readonly readTimeoutMs: number
  /** Over how long `stop` spreads its closes. */
  readonly drainMs: number
}

export const WEBSOCKET_LIMITS: WebSocketLimits = {
  maxClients: 10_000,
  maxClientsPerAddress: 1_000,
  upgradesPerSecond: 2_500,
  maxInboundBytes: 4_096,
  inboundPerSecond: 10,
  slowClientBytes: 512 * 1024,
  pingEachMs: 10_000,
  idleTimeoutSeconds: 60,
  subscribeWithinMs: 10_000,
  maxLast: 1_000,
  recentItems: 2_000,
  recentBytes: 2 * 1024 * 1024,
  concurrentReads: 8,
  readTimeoutMs: 10_000,
  drainMs: 1_000,
}
