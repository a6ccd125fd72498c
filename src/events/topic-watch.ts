import type { Logger } from 'pino'
import type { PartHealth } from '../lifecycle/health.ts'
import { sleep, withDeadline } from '../lifecycle/time.ts'

/** A fault of the topic, and the command that repairs it. */
export interface TopicFault {
  readonly problem: string
  readonly fix: string
}

export interface TopicInspection {
  readonly findings: readonly TopicFault[]
  /** Undefined when the bridge's user may not describe the settings of the topic. */
  readonly config?: Readonly<Record<string, string>> | undefined
}

export interface TopicWatchDeps {
  /** Compares the topic with what the event log needs. Rejects when the topic is missing or Kafka does not answer. */
  readonly inspect: () => Promise<TopicInspection>
  readonly health: PartHealth
  readonly log: Pick<Logger, 'warn' | 'debug'>
}

const RETRY_MS = 1000
const LOOK_EVERY_MS = 60_000
/** An inspection ends by its own deadlines, and a stop does not need its result. */
const STOP_MS = 200

/** The required topic of the event log. It has broker time, because readers agree on copies by the times in the event log. */
export function eventLogTopic(name: string) {
  return {
    name,
    partitions: 1,
    isPartitionCountFixed: true,
    replication: -1,
    config: { 'message.timestamp.type': 'LogAppendTime', 'cleanup.policy': 'delete' },
  }
}

/** Inspects the topic of the event log at start, and again until it is right: repairing the topic needs no restart. */
export class TopicWatch {
  readonly #windowMs: number
  readonly #deps: TopicWatchDeps
  readonly #ended = new AbortController()
  readonly #said = new Set<string>()
  #running: Promise<void> = Promise.resolve()

  constructor({ windowMs }: { windowMs: number }, deps: TopicWatchDeps) {
    this.#windowMs = windowMs
    this.#deps = deps
  }

  start(): void {
    this.#running = this.#follow()
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    await withDeadline(this.#running, STOP_MS, 'inspecting the topic of the event log').catch(() => {})
  }

  async #follow(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      let waitMs = RETRY_MS
      try {
        waitMs = await this.#look()
      } catch (error) {
        // The readers and writers of the topic report that it is missing or that Kafka does not answer.
        this.#deps.log.debug({ err: error }, 'the topic of the event log could not be inspected')
      }
      await sleep(waitMs, signal)
    }
  }

  async #look(): Promise<number> {
    const { findings, config } = await this.#deps.inspect()
    if (findings.length > 0) {
      this.#deps.health.notReady(findings.map(({ problem, fix }) => `${problem}: ${fix}`).join('; '))
      return RETRY_MS
    }
    this.#deps.health.ready()
    if (!config) this.#sayOnce(NOT_ALLOWED)
    else if (this.#isTooShort(Number(config['retention.ms'] ?? -1))) this.#sayOnce(tooShort(Number(config['retention.ms'])))
    return LOOK_EVERY_MS
  }

  /**
   * Readers begin one window before the offset at which they continue, and a reader that is a whole window behind must still find that
   * record.
   */
  #isTooShort(retentionMs: number): boolean {
    return retentionMs >= 0 && retentionMs < 2 * this.#windowMs
  }

  #sayOnce(text: string): void {
    if (!this.#said.has(text)) this.#deps.log.warn(text)
    this.#said.add(text)
  }
}

function tooShort(retentionMs: number): string {
  return (
    `the event log is kept for ${Math.round(retentionMs / 1000)} s only, which is less than twice seen_window: readers that were away ` +
    'miss records or take copies for first occurrences; raise retention.ms of its topic'
  )
}

const NOT_ALLOWED =
  'the settings of the event log’s topic cannot be checked, because the bridge’s user may not describe them: ' +
  'grant DescribeConfigs, or check them with `gossip-bridge topics check`'
