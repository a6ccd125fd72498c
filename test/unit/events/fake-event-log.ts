import { onTestFinished } from 'vitest'
import type { InstanceState, LogEvent } from '../../../src/events/event.ts'
import { EventLogView, type EventLogViewDeps } from '../../../src/events/event-log-view.ts'
import { Ownership } from '../../../src/events/instances/ownership.ts'
import type { EventLogGap, EventLogMetrics, TailListener } from '../../../src/events/ports.ts'
import type { EntryBatch } from '../../../src/events/reading/subscribers.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'

export const MINUTE = 60_000
export const NOW = 1_751_878_800_000
/** A name as an event id. */
export const idOf = (name: string) => Buffer.from(name).toString('hex').padEnd(32, '0').slice(0, 32)

/** What a read outside the event log's offsets ends with. */
export class OutOfRangeError extends Error {}

interface Stamp {
  readonly at?: number
  readonly isProducerTime?: boolean
}

/** An event log in an array, behind which offsets may hold no record, and its tail, which moves when the test says so. */
export class FakeEventLog {
  readonly events: (LogEvent | undefined)[] = []
  readonly records: (KafkaRecord | undefined)[] = []
  low = 0
  isLive = true
  position = 0n
  listener: TailListener | undefined

  append(event: LogEvent | undefined, { at = NOW, isProducerTime = false }: Stamp = {}): void {
    const offset = BigInt(this.records.length)
    const place = { topic: 'events', partition: 0, offset, value: null, headers: {} }
    this.records.push(event && { ...place, key: Buffer.from(event.id), timestamp: at, isProducerTime })
    this.events.push(event)
  }

  block(name: string, stamp: Stamp = {}): void {
    const block = { hash: 'ab'.repeat(32), height: 1, header: null, dataHubUrl: '' }
    this.append({ ...base(name), type: 'block', block } as LogEvent, stamp)
  }

  instance(name: string, { at = NOW, bridgeId = 'node-a', ...state }: Stamp & { bridgeId?: string } & Partial<InstanceState> = {}): void {
    const instance = { instanceId: name, peerId: `peer-${name}`, version: '1', dialect: 'plain', state: 'live' as const, ...state }
    this.append({ ...base(`${name}-${this.records.length}`), bridgeId, type: 'instance', instance }, { at })
  }

  /** An offset without a record for readers, as of a control marker or an aborted transaction. */
  marker(): void {
    this.append(undefined)
  }

  /** The tail reads on to the end. */
  async follow(): Promise<void> {
    const from = Number(this.position)
    const found = this.records.slice(from).filter((record) => record !== undefined)
    this.position = BigInt(this.records.length)
    if (this.records.length > from) await this.listener?.onRecords(found, this.position)
  }

  async gap(gap: EventLogGap): Promise<void> {
    this.position = gap.next
    await this.listener?.onGap(gap)
  }

  /** Resolves when the subscribers know what the first answer to the tail has brought. */
  firstRead: Promise<void> | undefined

  /** The end is known, and nothing is read yet. */
  whenStarting = () => {}

  /** Records are decoded whole, unless a test replaces this. */
  peek: EventLogViewDeps['peek'] = () => undefined

  createView({ subtreesReadBack = 0 } = {}): {
    view: EventLogView
    heard: (EntryBatch | { gap: EventLogGap } | { position: bigint })[]
    unreadable: () => number
  } {
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} } as never
    const health = { ready: () => {}, notReady: () => {} }
    let unreadable = 0
    const metrics: EventLogMetrics = {
      records: { inc: () => (unreadable += 1) },
      timestampsAhead: { inc: () => {} },
      writeSeconds: { observe: () => {} },
      pendingDropped: { inc: () => {} },
    }
    const view = new EventLogView(
      { instanceId: 'own', windowMs: 10 * MINUTE, maxIds: 1000, subtreesReadBack },
      {
        openTail: (listener) => {
          this.listener = listener
          return {
            start: async (from) => {
              this.whenStarting()
              this.position = from
              this.firstRead = this.follow()
            },
            position: () => this.position,
            isLive: () => this.isLive,
            stop: async () => {},
          }
        },
        reader: {
          read: async (from) => {
            if (from < this.low || from > this.records.length) throw new OutOfRangeError(`no offset ${from}`)
            return { records: this.records.slice(Number(from)).filter((record) => record !== undefined), next: BigInt(this.records.length) }
          },
          bounds: async () => ({ low: BigInt(this.low), high: BigInt(this.records.length) }),
          offsetAt: async (time) => {
            const offset = this.records.findIndex((record) => record !== undefined && record.timestamp >= time)
            return BigInt(offset < 0 ? this.records.length : offset)
          },
          stop: async () => {},
        },
        decode: ({ offset }) => this.events[Number(offset)],
        peek: (record) => this.peek(record),
        ownership: new Ownership({ bridgeId: 'node-a', network: 'regtest', dialect: 'plain' }, { health, log, clock: SYSTEM_CLOCK }),
        health,
        metrics,
        log,
        clock: SYSTEM_CLOCK,
      },
    )
    const heard: (EntryBatch | { gap: EventLogGap } | { position: bigint })[] = []
    view.subscribe({
      onEntries: (batch) => void heard.push(batch),
      onPosition: (position) => void heard.push({ position }),
      onGap: (gap) => void heard.push({ gap }),
    })
    onTestFinished(() => view.stop())
    return { view, heard, unreadable: () => unreadable }
  }
}

function base(name: string) {
  return { id: idOf(name), network: 'regtest', bridgeId: 'node-a', origin: 'network', peerId: 'p', receivedAt: NOW } as const
}
