import { createBackOff, sleep, withDeadline, withJitter } from '../../lifecycle/time.ts'
import type { Span, SpanSink } from '../span.ts'
import type { OtlpAnswer, OtlpCall } from './otlp-call.ts'
import { otlpJson, type Resource } from './otlp-json.ts'

export interface OtlpExporterOptions {
  readonly resource: Resource
  readonly maxQueued?: number
  readonly maxBatch?: number
  /** Longest time that a span waits for others, in milliseconds. */
  readonly delayMs?: number
  /** Time limit of `stop`, in milliseconds. */
  readonly flushMs: number
}

/** `dropped`: the queue was full, or the process ended. `failed`: the collector did not take them. */
export type SpanOutcome = 'exported' | 'dropped' | 'failed'

export interface OtlpExporterDeps {
  readonly call: OtlpCall
  readonly count: (outcome: SpanOutcome, spans: number, reason: string) => void
  readonly random: () => number
}

const ATTEMPTS = 5
const BACK_OFF_MS = { first: 1000, longest: 30_000 }
const FULL = 'the queue is full'
const STOPPED = 'the process ended before they were sent'

/** Sends spans to a collector in batches, one request at a time. What it cannot send is dropped and counted: no flow waits for it. */
export class OtlpExporter implements SpanSink {
  readonly #options: Required<OtlpExporterOptions>
  readonly #deps: OtlpExporterDeps
  readonly #stopping = new AbortController()
  #queue: Span[] = []
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> | undefined

  constructor(options: OtlpExporterOptions, deps: OtlpExporterDeps) {
    this.#options = { maxQueued: 4096, maxBatch: 512, delayMs: 2000, ...options }
    this.#deps = deps
  }

  add(span: Span): void {
    const { maxQueued, maxBatch } = this.#options
    const isStopped = this.#stopping.signal.aborted
    if (isStopped || this.#queue.length >= maxQueued) {
      this.#deps.count('dropped', 1, isStopped ? STOPPED : FULL)
      return
    }
    this.#queue.push(span)
    if (this.#queue.length >= maxBatch) this.#send()
    else this.#wait()
  }

  /** Sends what waits, within its time limit. */
  async stop(): Promise<void> {
    this.#send()
    await withDeadline(this.#sending ?? Promise.resolve(), this.#options.flushMs, 'sending the last spans').catch(() => {})
    this.#stopping.abort()
    await this.#sending
    clearTimeout(this.#timer)
    if (this.#queue.length > 0) this.#deps.count('dropped', this.#queue.length, STOPPED)
    this.#queue = []
  }

  #wait(): void {
    this.#timer ??= setTimeout(() => this.#send(), this.#options.delayMs)
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
      if (this.#queue.length > 0) this.#wait()
    })
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0 && !this.#stopping.signal.aborted) {
      const batch = this.#queue.splice(0, this.#options.maxBatch)
      const answer = await this.#sendOne(otlpJson(this.#options.resource, batch))
      this.#count(answer, batch.length)
    }
  }

  async #sendOne(body: string): Promise<OtlpAnswer> {
    const { signal } = this.#stopping
    const backOff = createBackOff(BACK_OFF_MS.first, BACK_OFF_MS.longest)
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#deps.call(body, signal)
      if (answer.outcome !== 'later' || attempt === ATTEMPTS || signal.aborted) return answer
      await sleep(Math.max(answer.afterMs, withJitter(backOff.next(), this.#deps.random)), signal)
      if (signal.aborted) return answer
    }
  }

  #count(answer: OtlpAnswer, spans: number): void {
    const { count } = this.#deps
    const rejected = answer.outcome === 'taken' ? Math.min(answer.rejected, spans) : spans
    if (spans > rejected) count('exported', spans - rejected, '')
    if (rejected > 0) count('failed', rejected, answer.reason || 'it does not say why')
  }
}
