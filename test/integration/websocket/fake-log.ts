import { formatCursor } from '../../../src/events/entries/cursor.ts'
import type { LogEvent } from '../../../src/events/event.ts'
import { createHistory, HISTORY_DEFAULTS } from '../../../src/events/reading/history.ts'
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
  readonly history: FeedHistory = createHistory(HISTORY_DEFAULTS, {
    read: (from) => this.#read(from),
    bounds: async () => ({ low: this.low, high: this.high }),
    toItem: (entry) => this.toItem(entry),
  })

  get high(): bigint {
    return BigInt(this.entries.length)
  }

  /** Adds an event and gives the item that the live feed would publish for it. */
  add(event: LogEvent): FeedItem {
    const entry = { event, offset: this.high, timestamp: event.receivedAt + 123 }
    this.entries.push(entry)
    return this.toItem(entry)
  }

  addMany(count: number, make: (index: number) => LogEvent): FeedItem[] {
    return Array.from({ length: count }, (_, index) => this.add(make(index)))
  }

  async #read(from: bigint): Promise<{ entries: readonly EventEntry[]; next: bigint }> {
    this.reads += 1
    await this.beforeRead()
    if (from < this.low || from > this.high) throw new Error('offset out of range')
    const entries = this.entries.slice(Number(from), Number(from) + PAGE)
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
