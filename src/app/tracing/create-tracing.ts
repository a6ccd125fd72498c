import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Settings } from '../../config/settings.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { RareLog } from '../../lifecycle/rare-log.ts'
import { createTracingMetrics } from '../../telemetry/tracing-metrics.ts'
import { createOtlpCall } from '../../tracing/otlp/otlp-call.ts'
import { OtlpExporter } from '../../tracing/otlp/otlp-exporter.ts'
import { Tracer } from '../../tracing/tracer.ts'

export interface TracingDeps {
  readonly version: string
  readonly log: Logger
  readonly registry: Registry
}

export interface Tracing {
  /** Undefined unless `otlp_endpoint` is set: nothing is traced then, and trace contexts are only passed on. */
  readonly tracer: Tracer | undefined
  stop(): Promise<void>
}

const LOST = 'spans are lost: the collector at otlp_endpoint did not take them, or not fast enough'
const SAID_EVERY_MS = 60_000
/** A collector that hangs must not use up the time of the other stops. */
const FLUSH_PART = 5

/** Tracing with its export by OTLP. */
export function createTracing(settings: Settings, { version, log, registry }: TracingDeps): Tracing {
  const { otlp_endpoint: endpoint, otlp_headers: headers, otlp_sampling_ratio: samplingRatio } = settings
  if (endpoint === '') return { tracer: undefined, stop: async () => {} }
  const { spans } = createTracingMetrics(registry)
  const lost = new RareLog<string>({ everyMs: SAID_EVERY_MS }, { say: (counts, reason) => log.warn({ ...counts, reason }, LOST) })
  const exporter = new OtlpExporter(
    { resource: resourceOf(settings, version), flushMs: settings.shutdown_deadline / FLUSH_PART },
    {
      call: createOtlpCall({ endpoint, headers }, {}),
      random: Math.random,
      count(outcome, number, reason) {
        spans.inc({ outcome }, number)
        if (outcome !== 'exported') lost.count(outcome, reason)
      },
    },
  )
  return {
    tracer: new Tracer({ samplingRatio }, { sink: exporter, clock: SYSTEM_CLOCK }),
    async stop() {
      await exporter.stop()
      lost.stop()
    },
  }
}

function resourceOf({ bridge_id, instance_id, network }: Settings, version: string) {
  return {
    'service.name': 'gossip-bridge',
    'service.version': version,
    'service.instance.id': instance_id,
    'bridge.id': bridge_id,
    'bridge.network': network,
  }
}
