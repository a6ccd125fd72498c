import { Counter, Gauge, type Registry } from 'prom-client'

/** Figures of the lock that keeps a second host from having the same peer id. */
export function createIdentityMetrics(registry: Registry) {
  const registers = [registry]
  return {
    held: new Gauge({
      name: 'bridge_identity_held',
      help: '1 while Postgres says that no other instance has the key of this one; no sample where no lock is asked for',
      labelNames: ['source'] as const,
      registers,
    }),
    losses: new Counter({
      name: 'bridge_identity_lock_losses_total',
      help: 'How often the connection that holds the identity was lost; most often it is taken back at once',
      registers,
    }),
  }
}
