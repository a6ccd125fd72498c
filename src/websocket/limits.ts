/** Limits and timings of the browser side, and what exceeding them does. Settings: `ws_max_clients`, `ws_max_backpressure_bytes`. */
export interface WebSocketLimits {
  /** Open clients in total; beyond it upgrades get 503 with Retry-After. */
  readonly maxClients: number
  /** Open clients of one IPv4 address or IPv6 /64 network; beyond it 503. A reverse proxy counts as one address. */
  readonly maxClientsPerAddress: number
  /** Upgrades per second, with bursts of twice as many; beyond it 503. */
  readonly upgradesPerSecond: number
  /** A longer inbound message closes its client with 1009. */
  readonly maxInboundBytes: number
  /** Inbound messages per second and client, with bursts of twice as many; beyond it the client is closed with 4429. */
  readonly inboundPerSecond: number
  /** Unsent bytes at which a client counts as slow and is closed with 4008. The buffer never exceeds twice as many. */
  readonly slowClientBytes: number
  /** Unsent bytes of all clients together; beyond it the clients with the most are cut off. */
  readonly maxUnsentBytes: number
  /** Interval of pings to all clients. Teranode's clients expect its PING every 10 s. */
  readonly pingEachMs: number
  /** A client that sends nothing for this long, not even pongs, is closed. */
  readonly idleTimeoutSeconds: number
  /** A client of `gossip-bridge.v1+json` that has not subscribed within this time is closed with 4408. */
  readonly subscribeWithinMs: number
  /** The largest `last` of a subscription. */
  readonly maxLast: number
  /** Different filters (and `batch_ms`) of all clients at one time; beyond it the client is closed with 1013. */
  readonly filterClasses: number
  /** Recent events kept in memory, so that a client that was away briefly is served without reading Kafka. */
  readonly recentItems: number
  readonly recentBytes: number
  /** Upper bound on replays that read from Kafka at the same time, in all and per address; others wait. */
  readonly replays: number
  readonly replaysPerAddress: number
  /** Replays that wait for their place, and for how long; beyond it the client is closed with 1013. */
  readonly waitingReplays: number
  readonly replayWaitMs: number
  /** Time limit of a read of past events; beyond it the client is closed with 1013. */
  readonly readTimeoutMs: number
  /** Time over which `stop` spreads closing the clients. */
  readonly drainMs: number
}

/**
 * The bound on all unsent bytes. `auto`: 256 MiB, or a quarter of the container's memory if that is less. Without a limit Node.js says 0
 * or more than any machine has.
 */
export function unsentBytes(setting: number | 'auto', containerBytes: number): number {
  if (setting !== 'auto') return setting
  return containerBytes > 0 ? Math.min(WEBSOCKET_LIMITS.maxUnsentBytes, Math.floor(containerBytes / 4)) : WEBSOCKET_LIMITS.maxUnsentBytes
}

export const WEBSOCKET_LIMITS: WebSocketLimits = {
  maxClients: 10_000,
  maxClientsPerAddress: 1_000,
  upgradesPerSecond: 2_500,
  maxInboundBytes: 4_096,
  inboundPerSecond: 10,
  slowClientBytes: 512 * 1024,
  maxUnsentBytes: 256 * 1024 * 1024,
  pingEachMs: 10_000,
  idleTimeoutSeconds: 60,
  subscribeWithinMs: 10_000,
  maxLast: 1_000,
  filterClasses: 200,
  recentItems: 2_000,
  recentBytes: 2 * 1024 * 1024,
  replays: 256,
  replaysPerAddress: 64,
  waitingReplays: 2_000,
  replayWaitMs: 30_000,
  readTimeoutMs: 10_000,
  drainMs: 1_000,
}
