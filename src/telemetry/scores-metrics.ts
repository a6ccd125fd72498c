import { Counter, Gauge, type Registry } from 'prom-client'

/** Metrics of the scores of signers. */
export function createScoresMetrics(registry: Registry) {
  const registers = [registry]
  return {
    offences: new Counter({
      name: 'bridge_score_offences_total',
      help: 'Offences that signers were charged with, by reason and by what became of them',
      labelNames: ['reason', 'outcome'] as const,
      registers,
    }),
    breakerOpen: new Gauge({
      name: 'bridge_score_breaker_open',
      help: '1 if the last ban by score was not made because too large a share of the peers would be banned',
      registers,
    }),
  }
}
