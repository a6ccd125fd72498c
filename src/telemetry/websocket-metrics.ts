import { Counter, Gauge, type Registry } from 'prom-client'

/** Metrics of the browser side: clients, events sent, refused and closed connections. */
export function createWebSocketMetrics(registry: Registry) {
  const registers = [registry]
  const clients = new Gauge({
    name: 'bridge_browser_clients',
    help: 'Open WebSocket clients',
    labelNames: ['protocol'] as const,
    registers,
  })
  const events = new Counter({
    name: 'bridge_browser_events_total',
    help: 'Events published to WebSocket clients, counted once for all clients',
    labelNames: ['type'] as const,
    registers,
  })
  const position = new Gauge({
    name: 'bridge_browser_position',
    help: 'Offset of the event log up to which browsers have been served',
    registers,
  })
  const opened = new Counter({
    name: 'bridge_browser_opened_total',
    help: 'WebSocket connections opened',
    labelNames: ['protocol'] as const,
    registers,
  })
  const refused = new Counter({
    name: 'bridge_browser_refused_total',
    help: 'WebSocket upgrades refused, by the bound or rule',
    labelNames: ['reason'] as const,
    registers,
  })
  const closed = new Counter({
    name: 'bridge_browser_closed_total',
    help: 'WebSocket connections ended, by cause',
    labelNames: ['cause'] as const,
    registers,
  })
  const replays = new Counter({
    name: 'bridge_browser_replays_total',
    help: 'Subscriptions by how they reached the live stream',
    labelNames: ['outcome'] as const,
    registers,
  })
  const gaps = new Counter({
    name: 'bridge_browser_gaps_total',
    help: 'Gaps reported to clients',
    labelNames: ['reason'] as const,
    registers,
  })
  const unsent = new Gauge({
    name: 'bridge_browser_unsent_bytes',
    help: 'Bytes queued in the process for WebSocket clients that read slowly, all clients together',
    registers,
  })
  const certificateExpiry = new Gauge({
    name: 'bridge_certificate_expiry_seconds',
    help: 'When the TLS certificate in use expires, in seconds since the epoch',
    labelNames: ['listener'] as const,
    registers,
  })
  return {
    certificateExpiry,
    unsent,
    clients,
    opened,
    refused,
    closed,
    replays,
    gaps,
    position,
    published: (type: string) => events.inc({ type }),
  }
}

export type WebSocketMetrics = ReturnType<typeof createWebSocketMetrics>
