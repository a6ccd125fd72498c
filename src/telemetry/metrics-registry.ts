import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

export interface MetricsRegistryOptions {
  readonly version: string
  readonly nodeVersion: string
  readonly bridgeId: string
  readonly instanceId: string
  readonly network: string
}

/** The default, 10 ms, wakes an idle process a hundred times a second, which costs more than all its other work. */
const EVENT_LOOP_SAMPLE_MS = 50

/** The registry of one process: its own state (CPU, memory, event loop delay, garbage collection) and what it is. */
export function createMetricsRegistry({ version, nodeVersion, bridgeId, instanceId, network }: MetricsRegistryOptions): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS })
  new Gauge({
    name: 'bridge_build_info',
    help: 'Always 1; its labels say what runs here.',
    labelNames: ['version', 'node_version', 'bridge_id', 'instance_id', 'network'],
    registers: [registry],
  }).set({ version, node_version: nodeVersion, bridge_id: bridgeId, instance_id: instanceId, network }, 1)
  return registry
}
