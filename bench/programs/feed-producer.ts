import { setTimeout as pause } from 'node:timers/promises'
import { toEventRecord } from '../../src/events/entries/event-record.ts'
import type { OutgoingRecord } from '../../src/kafka/record.ts'
import { randomHash } from '../support/announcements.ts'
import { benchCodec } from '../support/codec.ts'
import { connectKafka, startProducer } from '../support/kafka/kafka-client.ts'
import { sharedNow } from '../support/measure/clock.ts'
import { parent } from '../support/parent.ts'

export interface FeedProducerOptions {
  readonly brokers: readonly string[]
  readonly topic: string
  /** Entries of a bridge's event log, or texts that a bare program passes on unchanged. */
  readonly form: 'event' | 'text'
}

/** With `go`: how much is written, and how fast. */
export interface FeedRun {
  readonly count: number
  readonly ratePerSecond: number
}

/** A client's text then has 300 bytes, plus or minus the digits of an offset. */
const REASON_CHARACTERS = 47
const TEXT_CHARACTERS = 300

// Writes records into Kafka at an even pace. Each contains its write time, in a form that clients find without parsing the record.
const { options, tell, on } = await parent<FeedProducerOptions>()
const { topic, form } = options
const codec = benchCodec()
const producer = await startProducer(connectKafka(options.brokers), { lingerMs: 0 })

const timeText = () => `t=${sharedNow().toFixed(3)};`

function eventRecord(): OutgoingRecord {
  const rejectedTx = { txId: randomHash(), reason: timeText().padEnd(REASON_CHARACTERS, '.') }
  const common = { network: 'regtest', bridgeId: 'bench', origin: 'own', peerId: null } as const
  return toEventRecord({ ...common, id: randomHash().slice(0, 32), receivedAt: Date.now(), type: 'rejected-tx', rejectedTx }, codec)
}

function textRecord(): OutgoingRecord {
  const text = `{"type":"event","data":"${timeText()}`.padEnd(TEXT_CHARACTERS - 2, '.')
  return { key: null, value: Buffer.from(`${text}"}`), headers: {} }
}

async function feed({ count, ratePerSecond }: FeedRun): Promise<void> {
  const startedAt = sharedNow()
  const acks: Promise<unknown>[] = []
  for (let index = 0; index < count; index++) {
    const left = startedAt + (index * 1000) / ratePerSecond - sharedNow()
    if (left > 0) await pause(left)
    acks.push(producer.send(topic, form === 'event' ? eventRecord() : textRecord(), { partition: 0 }))
  }
  await Promise.all(acks)
  tell('fed')
}

on('go', (run) => void feed(run as FeedRun))
tell('ready')
