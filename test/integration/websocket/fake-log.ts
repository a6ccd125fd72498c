import { formatCursor } from '../../../src/events/entries/cursor.ts'
import { EVENT_TYPES } from '../../../src/events/entries/event-kinds.ts'
import type { LogEvent } from '../../../src/events/event.ts'
import { createHistory, HISTORY_DEFAULTS } from '../../../src/events/history/history.ts'
import { LatestOffsets } from '../../../src/events/history/latest-offsets.ts'
import type { EventEntry } from '../../../src/events/reading/read-events.ts'
import { type FeedItem, logToBrowsers } from '../../../src/flows/log-to-browsers.ts'
import type { FeedHistory } from '../../../src/websocket/feed/feed-item.ts'

const PAGE = 50

/** A log in memory with the reading manners of Kafka: pages, a low end that moves up, and refusal of offsets outside. */
export class FakeLog {
  readonly entries: EventEntry[] = []
  reads = 0
  low = 0n
  /** Set to make each read fail, or wait. */
  beforeRead: () => Promise<void> = async () => {}
  readonly toItem: (entry: EventEntry) => FeedItem = logToBrowsers({ formatCursor, teranodeNotification })
  /** Knows nothing until a test calls `begin`, like that of an instance that has just started. */
  readonly latest = new LatestOffsets({ types: EVENT_TYPES, perType: 1000 })
  readonly history: FeedHistory = createHistory(HISTORY_DEFAULTS, {
    reads: {
      bounds: async () => ({ low: this.low, high: this.high }),
      offsetAt: async (time) => BigInt(this.entries.filter(({ timestamp }) => timestamp < time).length),
      entries: (from) => this.#read(from),
      entriesAt: async ([from = 0n]) => this.#read(from, 1),
      heads: async (from) => {
        const { entries, next } = await this.#read(from, 1000)
        return { heads: entries.map(({ event: { id, type }, offset }) => ({ id, type, offset })), next }
      },
    },
    latest: this.latest,
    passed: async () => {
      if (this.latest.knownFrom === null) this.latest.begin(this.high)
    },
    toItem: (entry) => this.toItem(entry),
    bytesOf: ({ frame }) => frame.length,
  })

  get high(): bigint {
    return BigInt(this.entries.length)
  }

  /** Adds an event and gives the item that the live feed would publish for it. */
  add(event: LogEvent): FeedItem {
    const entry = { event, offset: this.high, timestamp: event.receivedAt + 123 }
    this.entries.push(entry)
    this.latest.add(event.type, entry.offset)
    return this.toItem(entry)
  }

  addMany(count: number, make: (index: number) => LogEvent): FeedItem[] {
    return Array.from({ length: count }, (_, index) => this.add(make(index)))
  }

  async #read(from: bigint, count = PAGE): Promise<{ entries: readonly EventEntry[]; next: bigint }> {
    this.reads += 1
    await this.beforeRead()
    if (from < this.low || from > this.high) throw new Error('offset out of range')
    const entries = this.entries.slice(Number(from), Number(from) + count)
    return { entries, next: from + BigInt(entries.length) }
  }
}

let serial = 0

/** A block event with an id of its own. */
export function blockEvent(height = 1): LogEvent {
  return { ...base(), type: 'block', block: { hash: hashOf(height), height, header: null, dataHubUrl: 'http://node.example/api/v1' } }
}

export function rejectedTxEvent(reason = 'too small a fee'): LogEvent {
  return { ...base(), type: 'rejected-tx', rejectedTx: { txId: hashOf(serial), reason } }
}

export function banEvent(): LogEvent {
  const ban = { action: 'add', key: '192.0.2.1', until: null, reason: 'spam', changed: true, cause: 'c' } as const
  return { ...base(), type: 'ban', ban }
}

function base() {
  serial += 1
  const id = (serial * 2654435761).toString(16).padStart(32, '0').split('').reverse().join('')
  return { id, network: 'regtest', bridgeId: 'node-a', origin: 'network', peerId: '12D3KooWPeer', receivedAt: 1_751_879_600_000 } as const
}

function hashOf(number: number): string {
  return number.toString(16).padStart(64, '0')
}

function teranodeNotification(event: LogEvent): string | null {
  return event.type === 'block' ? JSON.stringify({ type: 'block', hash: event.block.hash }) : null
}
