import { Counter, Gauge, type Registry } from 'prom-client'

/** Metrics of the lock that stops two hosts from using the same peer id. */
export function createIdentityMetrics(registry: Registry) {
  const registers = [registry]
  return {
    held: new Gauge({
      name: 'bridge_identity_held',
      help: '1 while Postgres confirms that no other instance has our key; no sample if no lock is requested',
      labelNames: ['source'] as const,
      registers,
    }),
    losses: new Counter({
      name: 'bridge_identity_lock_losses_total',
      help: 'How often the connection that holds the identity was lost; usually the identity is taken back at once',
      registers,
    }),
  }
}
