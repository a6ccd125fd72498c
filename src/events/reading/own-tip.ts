import type { KafkaRecord } from '../../kafka/record.ts'
import { Listeners } from '../../lifecycle/listeners.ts'
import { type StateOrder, stateOrderOf } from '../entries/occurrence.ts'
import type { LogEvent } from '../event.ts'
import type { EventLogReader } from '../ports.ts'
import type { EventEntry } from './read-events.ts'
import type { EventLogSubscriber } from './subscribers.ts'

/** The best block of the own node. */
export interface Tip {
  readonly hash: string
  readonly height: number
  /** 160 hex characters, if the node gave the header. */
  readonly header: string | null
  /** Empty if the node did not say who mined it. */
  readonly miner: string
}

export interface OwnTipOptions {
  readonly bridgeId: string
  readonly network: string
}

export interface RestoreDeps {
  readonly reader: Pick<EventLogReader, 'bounds' | 'read'>
  /** Undefined for a record that is not an event. */
  readonly decode: (record: KafkaRecord) => LogEvent | undefined
  readonly signal: AbortSignal
}

/** The search for an older tip goes back in steps, and at most this many offsets: a tip that is older is not worth more reading. */
const STEP = 2000n
const FURTHEST_BACK = 500_000n
const PAGE_BYTES = 128 * 1024

/** An event of the own node, as far as it may be about its best block. */
type TipEvent = Pick<EventEntry, 'event' | 'timestamp' | 'order'>

/**
 * The own tip from the event log: the block that the node announced last, or the one that it mines on. The latest counts, not the
 * highest, because a reorganisation may end at a lower height. The in-topic has several partitions, so after a pause of the bridge the
 * events of a backlog are not in the order in which the node announced them: one that is earlier by its order, and no higher, is late.
 */
export class OwnTip {
  readonly #options: OwnTipOptions
  readonly #changes = new Listeners()
  #tip: Tip | undefined
  #order: StateOrder

  constructor(options: OwnTipOptions) {
    this.#options = options
  }

  current(): Tip | undefined {
    return this.#tip
  }

  /** Calls the listener when the own node has another best block; returns the undo. */
  onChange(listener: () => void): () => void {
    return this.#changes.add(listener)
  }

  /** Follows the event log from now on; returns the undo. */
  follow(eventLog: { subscribe(subscriber: EventLogSubscriber): () => void }): () => void {
    return eventLog.subscribe({
      onEntries: ({ entries }) => {
        const before = this.#tip?.hash
        for (const entry of entries) this.#take(entry)
        if (this.#tip?.hash !== before) this.#changes.emit()
      },
    })
  }

  /** Looks for the tip among older events, backwards from the end. What comes by meanwhile is newer and stays. */
  async restore({ reader, decode, signal }: RestoreDeps): Promise<void> {
    const { low, high } = await reader.bounds()
    const oldest = high - low > FURTHEST_BACK ? high - FURTHEST_BACK : low
    for (let end = high; end > oldest && !this.#tip && !signal.aborted; end -= STEP) {
      const from = end - STEP > oldest ? end - STEP : oldest
      const older = new OwnTip(this.#options)
      await older.#read({ from, end }, { reader, decode, signal })
      if (this.#tip) return
      this.#tip = older.#tip
      this.#order = older.#order
    }
  }

  async #read({ from, end }: { from: bigint; end: bigint }, { reader, decode, signal }: RestoreDeps): Promise<void> {
    for (let at = from; at < end && !signal.aborted; ) {
      const { records, next } = await reader.read(at, { maxBytes: PAGE_BYTES })
      for (const record of records) {
        const event = record.offset < end && isOwnBlock(record) ? decode(record) : undefined
        if (event) this.#take({ event, timestamp: record.timestamp, order: stateOrderOf(record.headers) })
      }
      if (next <= at) break
      at = next
    }
  }

  #take({ event, timestamp, order }: TipEvent): void {
    const tip = this.#tipOf(event)
    if (!tip) return
    // Nothing was announced after it was appended: a producer's clock that is ahead must not hold the tip.
    const at = order === undefined ? undefined : min(order, BigInt(timestamp))
    if (this.#tip && this.#isBehind(at, tip.height - this.#tip.height)) return
    this.#tip = tip
    this.#order = at
  }

  /** Of blocks that were announced in the same millisecond, the highest counts. */
  #isBehind(at: StateOrder, higher: number): boolean {
    if (at === undefined || this.#order === undefined) return false
    return at < this.#order ? higher <= 0 : at === this.#order && higher < 0
  }

  #tipOf(event: LogEvent): Tip | undefined {
    if (event.origin !== 'own' || event.bridgeId !== this.#options.bridgeId || event.network !== this.#options.network) return undefined
    // A block comes with its header, and what is mined on with its miner.
    const known = (of: string) => (this.#tip?.hash === of ? this.#tip : undefined)
    if (event.type === 'block') {
      const { hash, height, header } = event.block
      return { hash, height, header, miner: known(hash)?.miner ?? '' }
    }
    if (event.type !== 'mining-on') return undefined
    const { hash, height, miner } = event.miningOn
    return { hash, height, header: known(hash)?.header ?? null, miner }
  }
}

/** By the headers alone, so that the records in between are not decoded. Records of the network name their signer. */
function isOwnBlock({ headers }: KafkaRecord): boolean {
  return (headers.type === 'block' || headers.type === 'mining-on') && headers['peer-id'] === undefined
}

function min(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
