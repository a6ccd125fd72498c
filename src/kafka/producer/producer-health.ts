import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { PartHealth } from '../../lifecycle/health.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'

export interface ProducerHealthDeps {
  readonly log: Logger
  readonly metrics: KafkaMetrics
  readonly health: PartHealth
  readonly clock: Clock
}

const SAY_THROTTLED_EACH_MS = 60_000

/**
 * Health of the producer: not ready while a topic accepts no records, ready with a remark while a quota slows it down or our clock is
 * wrong.
 */
export class ProducerHealth {
  readonly #deps: ProducerHealthDeps
  readonly #troubles = new Map<string, string>()
  readonly #throttled = new Map<string, number>()
  readonly #saidThrottledAt = new Map<string, number>()
  #clockRemark: string | undefined
  #isStarted = false

  constructor(deps: ProducerHealthDeps) {
    this.#deps = deps
  }

  started(): void {
    this.#isStarted = true
    this.#report()
  }

  /** One log line and one change of health for each topic that begins or stops waiting. */
  trouble(topic: string, reason: string | undefined): void {
    const { log } = this.#deps
    if (this.#troubles.get(topic) === reason) return
    if (reason === undefined) {
      this.#troubles.delete(topic)
      log.info({ topic }, 'the producer goes on')
    } else {
      this.#troubles.set(topic, reason)
      log.debug({ topic, reason }, 'the producer waits')
    }
    this.#report()
  }

  throttled(topic: string, ms: number): void {
    const { log, metrics, clock } = this.#deps
    if (ms <= 0) {
      if (this.#throttled.delete(topic)) this.#report()
      return
    }
    metrics.laneThrottledSeconds.inc({ topic }, ms / 1000)
    this.#throttled.set(topic, ms)
    this.#report()
    const sinceMs = clock.steady() - (this.#saidThrottledAt.get(topic) ?? Number.NEGATIVE_INFINITY)
    if (sinceMs < SAY_THROTTLED_EACH_MS) return
    this.#saidThrottledAt.set(topic, clock.steady())
    log.warn({ topic, pauseMs: ms }, 'a producer quota of Kafka slows our writes down: raise producer_byte_rate of our client id or user')
  }

  apart(aheadMs: number | undefined): void {
    const wasApart = this.#clockRemark !== undefined
    this.#clockRemark = aheadMs === undefined ? undefined : clockRemark(aheadMs)
    if (this.#clockRemark !== undefined && !wasApart)
      this.#deps.log.warn({ aheadSeconds: Math.round((aheadMs ?? 0) / 1000) }, this.#clockRemark)
    this.#report()
  }

  #report(): void {
    const { health } = this.#deps
    if (this.#troubles.size > 0) health.notReady([...new Set(this.#troubles.values())].join('; '))
    else if (this.#isStarted) health.ready(this.#remarks().join('; ') || undefined)
  }

  #remarks(): string[] {
    const remarks = [...this.#throttled].map(([topic, ms]) => throttleRemark(topic, ms))
    return this.#clockRemark === undefined ? remarks : [...remarks, this.#clockRemark]
  }
}

function throttleRemark(topic: string, ms: number): string {
  return `a producer quota of Kafka slows our writes to ${topic} down (a pause of ${(ms / 1000).toFixed(1)} s for the last batch): raise producer_byte_rate of our client id or user`
}

function clockRemark(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  return `the clock of this host is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the brokers' clock: set one of them right (records carry the brokers' time)`
}
