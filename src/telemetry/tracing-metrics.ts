import { Counter, type Registry } from 'prom-client'

/** Metrics of the export of traces; they exist only where it is on. */
export function createTracingMetrics(registry: Registry) {
  return {
    spans: new Counter({
      name: 'bridge_trace_spans_total',
      help: 'Spans by what became of them: exported, dropped (the queue was full, or the process ended), failed (the collector did not take them)',
      labelNames: ['outcome'] as const,
      registers: [registry],
    }),
  }
}
