import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { PartHealth } from '../../../../src/lifecycle/health.ts'
import { createKafkaMetrics } from '../../../../src/telemetry/kafka-metrics.ts'
import type { Report } from '../case.ts'

/** Messages of the log and remarks of readiness, with their reports. */
const WORDS: readonly [RegExp, Report][] = [
  [/a transaction that is open for .* holds /, 'open-transaction'],
  [/a quota of the cluster .* has slowed down reading/, 'throttled'],
  [/records were deleted before this group had read them/, 'expired'],
  [/the partition lost its newest records/, 'truncated'],
  [/the topic was deleted and created again/, 'topic-made-anew'],
  [/records skipped/, 'undecodable'],
]

/** Dependencies of a part of the bridge in every case: its log, its metrics, and a health that records all calls. */
export function createParts() {
  const registry = new Registry()
  const said: string[] = []
  const reported: Report[] = []
  const hear = (text: string) => void reported.push(...WORDS.filter(([pattern]) => pattern.test(text)).map(([, report]) => report))
  const log = pino({ level: 'info' }, { write: (line) => hear(String((JSON.parse(line) as { msg?: string }).msg)) })
  const remarked = new Set<Report>()
  const health: PartHealth = {
    // A remark lasts, and its seconds change: it counts once.
    ready(detail = 'ok') {
      const found = WORDS.find(([pattern]) => pattern.test(detail))?.[1]
      if (found === undefined || remarked.has(found)) return
      remarked.add(found)
      reported.push(found)
    },
    notReady: (reason) => void said.push(reason),
  }
  return {
    log,
    health,
    metrics: createKafkaMetrics(registry),
    /** Every reason why it was not ready. */
    said,
    /** Reports of its log and its remarks, in order. */
    reported,
    /** The only sample of a metric; undefined without one. */
    async sample(name: string): Promise<number | undefined> {
      const metric = await registry.getSingleMetric(name)?.get()
      return metric?.values[0]?.value
    },
  }
}
