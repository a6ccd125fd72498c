import { setTimeout as pause } from 'node:timers/promises'
import { timedHash } from '../relay/timed-hash.ts'
import { connectKafka, startProducer } from '../support/kafka/kafka-client.ts'
import { sharedNow } from '../support/measure/clock.ts'
import { parent } from '../support/parent.ts'

export interface RelayProducerOptions {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly run: string
}

export interface RelayLoad {
  readonly load: number
  readonly count: number
  /** 0: all at once. */
  readonly ratePerSecond: number
}

// Writes notifications of the own node as JSON, each with its time in its hash.
const { options, tell, on } = await parent<RelayProducerOptions>()
const producer = await startProducer(connectKafka(options.brokers), { lingerMs: 0 })

function write(load: number, index: number): Promise<unknown> {
  const hash = timedHash(options.run, { load, index, writtenAt: sharedNow() })
  return producer.send(options.topic, { key: hash, value: Buffer.from(`{"type":"Subtree","hash":"${hash}"}`), headers: {} })
}

async function feed({ load, count, ratePerSecond }: RelayLoad): Promise<void> {
  const startedAt = sharedNow()
  const acks: Promise<unknown>[] = []
  for (let index = 0; index < count; index++) {
    const left = ratePerSecond === 0 ? 0 : startedAt + (index * 1000) / ratePerSecond - sharedNow()
    if (left > 0) await pause(left)
    acks.push(write(load, index))
  }
  await Promise.all(acks)
  tell('fed')
}

on('load', (load) => void feed(load as RelayLoad))
tell('ready')
