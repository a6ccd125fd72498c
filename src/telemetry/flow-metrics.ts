import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Figures of the flows: what came of each record, and how long the way into the log took. */
export function createFlowMetrics(registry: Registry) {
  const registers = [registry]
  return {
    records: new Counter({
      name: 'bridge_flow_records_total',
      help: 'Records by flow and by what came of them',
      labelNames: ['flow', 'outcome'] as const,
      registers,
    }),
    verdicts: new Counter({
      name: 'bridge_gossip_verdicts_total',
      help: 'Gossip messages by kind, verdict and the reason for it',
      labelNames: ['type', 'verdict', 'reason'] as const,
      registers,
    }),
    deadLetters: new Counter({
      name: 'bridge_dead_letters_total',
      help: 'Records put into the dead letters, by topic and reason',
      labelNames: ['topic', 'reason'] as const,
      registers,
    }),
    timestampsAhead: new Counter({
      name: 'bridge_timestamps_ahead_total',
      help: 'Records whose timestamp was more than a minute ahead of the own clock',
      labelNames: ['topic'] as const,
      registers,
    }),
    logWriteSeconds: new Histogram({
      name: 'bridge_log_write_seconds',
      help: 'From hearing an announcement to its acknowledgement in the log',
      labelNames: ['taken_over'] as const,
      buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30],
      registers,
    }),
    ringDropped: new Counter({
      name: 'bridge_ring_dropped_total',
      help: 'Announcements that fell out of the full ring, by kind',
      labelNames: ['type'] as const,
      registers,
    }),
    holder: new Gauge({ name: 'bridge_log_holder', help: '1 on the instance that writes to the log at once', registers }),
    lastBlockSeconds: new Gauge({
      name: 'bridge_last_block_timestamp_seconds',
      help: 'When the last block announcement was seen in the log, own (out) or foreign (in); its age is time() minus this',
      labelNames: ['direction'] as const,
      registers,
    }),
  }
}

/** What waits to be known in the log, asked for when somebody looks. */
export function createRingMetrics(registry: Registry, queued: () => { records: number; bytes: number }): void {
  const registers = [registry]
  new Gauge({
    name: 'bridge_ring_records',
    help: 'Announcements that wait to be known in the log',
    registers,
    collect() {
      this.set(queued().records)
    },
  })
  new Gauge({
    name: 'bridge_ring_bytes',
    help: 'Their size',
    registers,
    collect() {
      this.set(queued().bytes)
    },
  })
}

/** The bridge's own pulse, as an age by the own clock rather than as a time: the clock of Prometheus may be another one. */
export function createPulseMetrics(registry: Registry, ages: () => readonly [station: string, ageMs: number][]): void {
  new Gauge({
    name: 'bridge_instance_record_age_seconds',
    help: "The bridge's own pulse: age of the youngest own instance record that has passed each station",
    labelNames: ['station'] as const,
    registers: [registry],
    collect() {
      this.reset() // a station that is no longer watched has no age
      for (const [station, ageMs] of ages()) this.set({ station }, ageMs / 1000)
    },
  })
}

export type FlowMetrics = ReturnType<typeof createFlowMetrics>
