import { createAdapterMetrics } from '../../../src/telemetry/adapter-metrics.ts'
import { createAdminMetrics } from '../../../src/telemetry/admin-metrics.ts'
import { createBansMetrics } from '../../../src/telemetry/bans-metrics.ts'
import {
  createEventLogMetrics,
  createFlowMetrics,
  createInstanceIdMetrics,
  createPulseMetrics,
  createWorkMetrics,
} from '../../../src/telemetry/flow-metrics.ts'
import { createGossipMetrics } from '../../../src/telemetry/gossip-metrics.ts'
import { createGrpcMetrics } from '../../../src/telemetry/grpc-metrics.ts'
import { createIdentityMetrics } from '../../../src/telemetry/identity-metrics.ts'
import { createKafkaMetrics } from '../../../src/telemetry/kafka-metrics.ts'
import { createMetricsRegistry } from '../../../src/telemetry/metrics-registry.ts'
import { createScoresMetrics } from '../../../src/telemetry/scores-metrics.ts'
import { createTracingMetrics } from '../../../src/telemetry/tracing-metrics.ts'
import { createWebSocketMetrics } from '../../../src/telemetry/websocket-metrics.ts'

/** Labels that Prometheus itself puts on what it scrapes. */
export const SCRAPE_LABELS = ['job', 'instance']

/** The labels of every metric that a bridge with all roles has, by all names under which it can be asked for. */
export function everyMetric(): Map<string, readonly string[]> {
  const registry = createMetricsRegistry({ version: '1', nodeVersion: 'v', bridgeId: 'b', instanceId: 'i', network: 'n' })
  createFlowMetrics(registry)
  createEventLogMetrics(registry, { isPrimary: () => false, pending: () => ({ records: 0, bytes: 0 }) })
  createPulseMetrics(registry, () => [])
  createInstanceIdMetrics(registry, () => false)
  createWorkMetrics(registry, () => ({ signers: 0, work: 0n }))
  createKafkaMetrics(registry)
  createGossipMetrics(registry)
  createBansMetrics(registry)
  createGrpcMetrics(registry)
  createAdminMetrics(registry)
  createScoresMetrics(registry)
  createTracingMetrics(registry)
  createIdentityMetrics(registry)
  createWebSocketMetrics(registry)
  createAdapterMetrics(registry, () => false)
  const names = new Map<string, readonly string[]>([['up', []]])
  for (const metric of registry.getMetricsAsArray()) {
    const { name, labelNames, type } = metric as unknown as { name: string; labelNames: string[]; type: string }
    names.set(name, labelNames)
    if (`${type}` !== 'histogram' && !('buckets' in metric)) continue
    for (const [suffix, labels] of Object.entries({ _bucket: ['le'], _sum: [], _count: [] }))
      names.set(name + suffix, [...labelNames, ...labels])
  }
  return names
}

/** The metrics of an expression, each with the labels that stand in its braces. */
export function selectors(expr: string): { name: string; matchers: [label: string, operator: string, value: string][] }[] {
  const withoutLists = expr.replace(/\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ')
  return [...withoutLists.matchAll(/\b((?:bridge|nodejs|process)_\w+|up)\b(?:\{([^}]*)\})?/g)].map(([, name = '', braces = '']) => ({
    name,
    matchers: [...braces.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(([, label = '', operator = '', value = '']) => [
      label,
      operator,
      value,
    ]),
  }))
}

/** The labels by which an expression joins or sums. */
export function listedLabels(expr: string): string[] {
  const lists = [...expr.matchAll(/\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)/g)]
  return lists.flatMap(([, list = '']) => list.split(',').map((label) => label.trim()))
}
