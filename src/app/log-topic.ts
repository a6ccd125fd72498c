import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import type { TopicFinding } from '../kafka/admin/topic-spec.ts'
import { inspectTopic } from '../kafka/admin/topics.ts'
import type { KafkaConnection } from '../kafka/client/connection.ts'
import type { Health } from '../lifecycle/health.ts'
import { withDeadline } from '../lifecycle/time.ts'

export interface LogTopicDeps {
  readonly kafka: KafkaConnection
  readonly topic: string
  readonly log: Logger
  readonly health: Health
}

/** Looks at the log's topic at start, and again until it is right: what is mended needs no restart. */
export interface LogTopicWatch {
  start(): void
  stop(): Promise<void>
}

const RETRY_MS = 1000
const LOOK_EACH_MS = 60_000
/** A look ends by its own deadlines, and nobody needs what it finds any more. */
const STOP_MS = 200

export function createLogTopicWatch(settings: Settings, { kafka, topic, log, health }: LogTopicDeps): LogTopicWatch {
  const part = health.part('log topic')
  const ended = new AbortController()
  const wanted = {
    name: topic,
    partitions: 1,
    isPartitionCountFixed: true,
    replication: -1,
    // The broker's clock, because readers agree on what is a repeat by the times in the log.
    config: { 'message.timestamp.type': 'LogAppendTime', 'cleanup.policy': 'delete' },
  }
  const said = new Set<string>()
  const sayOnce = (text: string) => {
    if (!said.has(text)) log.warn({ topic }, text)
    said.add(text)
  }
  let running: Promise<void> = Promise.resolve()

  async function look(): Promise<number> {
    const { findings, config } = await inspectTopic(kafka, wanted)
    const faults = findings.map(sentence)
    if (faults.length > 0) {
      part.notReady(faults.join('; '))
      return RETRY_MS
    }
    part.ready()
    if (!config) sayOnce(NOT_ALLOWED)
    const short = config && tooShort(Number(config['retention.ms'] ?? -1), settings)
    if (short) sayOnce(short)
    return LOOK_EACH_MS
  }
  async function follow(): Promise<void> {
    while (!ended.signal.aborted) {
      let waitMs = RETRY_MS
      try {
        waitMs = await look()
      } catch (error) {
        // That the topic is missing or Kafka away is said by those who read and write it.
        log.debug({ err: error, topic }, 'the topic of the log could not be looked at')
      }
      await delay(waitMs, undefined, { signal: ended.signal }).catch(() => {})
    }
  }

  return {
    start() {
      running = follow()
    },
    async stop() {
      ended.abort()
      await withDeadline(running, STOP_MS, 'looking at the topic of the log').catch(() => {})
    },
  }
}

function sentence({ problem, fix }: TopicFinding): string {
  return `${problem}: ${fix}`
}

/** Readers begin one window before where they want to go on, and one that is a whole window behind must still find that. */
function tooShort(retentionMs: number, { seen_window }: Settings): string | undefined {
  if (retentionMs < 0 || retentionMs >= 2 * seen_window) return undefined
  return (
    `the log is kept for ${Math.round(retentionMs / 1000)} s only, which is less than twice seen_window: readers that were away miss ` +
    'records or count some twice; raise retention.ms of its topic'
  )
}

const NOT_ALLOWED =
  'the settings of the log’s topic cannot be checked, since the bridge’s user may not describe them: ' +
  'grant DescribeConfigs, or see to it with `gossip-bridge topics check`'
