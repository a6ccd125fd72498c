import { Counter, Gauge, type Registry } from 'prom-client'
import { createTracedHistogram } from './exemplars/traced-histogram.ts'

/** Metrics of the flows: the outcome of each record, and the latency into the event log. */
export function createFlowMetrics(registry: Registry) {
  const registers = [registry]
  return {
    records: new Counter({
      name: 'bridge_flow_records_total',
      help: 'Records by flow and outcome',
      labelNames: ['flow', 'outcome'] as const,
      registers,
    }),
    verdicts: new Counter({
      name: 'bridge_gossip_verdicts_total',
      help: 'Gossip messages by kind, verdict and reason',
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
      help: 'Records whose timestamp was more than a minute ahead of our clock',
      labelNames: ['topic'] as const,
      registers,
    }),
    invalidTraces: new Counter({
      name: 'bridge_invalid_trace_contexts_total',
      help: 'Records of the own node whose header traceparent was ignored, because it is none',
      labelNames: ['topic'] as const,
      registers,
    }),
    writeSeconds: createTracedHistogram({
      name: 'bridge_event_log_write_seconds',
      help: 'From receiving an announcement to its acknowledgement in the event log',
      labelNames: ['taken_over'] as const,
      buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30],
      registers,
    }),
    pendingDropped: new Counter({
      name: 'bridge_pending_dropped_total',
      help: 'Pending announcements dropped because of their number, size or age, by kind',
      labelNames: ['type'] as const,
      registers,
    }),
    lastBlockSeconds: new Gauge({
      name: 'bridge_last_block_timestamp_seconds',
      help: 'When the last block announcement was seen in the event log, own (out) or foreign (in); its age is time() minus this',
      labelNames: ['direction'] as const,
      registers,
    }),
  }
}

/** Metrics of the event log at a relay, computed at each scrape. */
export function createEventLogMetrics(
  registry: Registry,
  eventLog: { isPrimary(): boolean; pending(): { records: number; bytes: number } },
): void {
  const registers = [registry]
  new Gauge({
    name: 'bridge_primary',
    help: '1 on the primary, the instance that writes to the event log at once',
    registers,
    collect() {
      this.set(eventLog.isPrimary() ? 1 : 0)
    },
  })
  new Gauge({
    name: 'bridge_pending_announcements',
    help: 'Announcements that are not known to be in the event log yet',
    registers,
    collect() {
      this.set(eventLog.pending().records)
    },
  })
  new Gauge({
    name: 'bridge_pending_bytes',
    help: 'Size of the pending announcements',
    registers,
    collect() {
      this.set(eventLog.pending().bytes)
    },
  })
}

/** The bridge's own pulse, as an age by our own clock, because the clock of Prometheus may differ. */
export function createPulseMetrics(registry: Registry, ages: () => readonly [station: string, ageMs: number][]): void {
  new Gauge({
    name: 'bridge_instance_record_age_seconds',
    help: "The bridge's own pulse: age of the youngest own instance record that has passed each station",
    labelNames: ['station'] as const,
    registers: [registry],
    collect() {
      this.reset() // removes stations that are no longer watched
      for (const [station, ageMs] of ages()) this.set({ station }, ageMs / 1000)
    },
  })
}

/** Whether another process has our `instance_id`. */
export function createInstanceIdMetrics(registry: Registry, isShared: () => boolean): void {
  new Gauge({
    name: 'bridge_instance_id_shared',
    help: '1 while another process of this bridge is running with the same instance_id',
    registers: [registry],
    collect() {
      this.set(isShared() ? 1 : 0)
    },
  })
}

/** Headers that were refused for too little work, computed at each scrape. */
export function createWorkMetrics(registry: Registry, seen: () => { signers: number; work: bigint }): void {
  const registers = [registry]
  new Gauge({
    name: 'bridge_refused_work_signers',
    help: 'Signers whose block was refused in the last 10 minutes because its header proves less work than min_block_work',
    registers,
    collect() {
      this.set(seen().signers)
    },
  })
  new Gauge({
    name: 'bridge_refused_work_hashes',
    help: 'Median work of the latest refused header of each of these signers, in expected hashes; 0 without any',
    registers,
    collect() {
      this.set(Number(seen().work))
    },
  })
}

export type FlowMetrics = ReturnType<typeof createFlowMetrics>
