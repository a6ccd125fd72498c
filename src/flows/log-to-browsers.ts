import { EVENT_KINDS, eventContent } from '../events/entries/event-kinds.ts'
import type { EventType, LogEvent } from '../events/event.ts'
import type { EventEntry } from '../events/reading/read-events.ts'

/** One event as browsers get it. Its texts are serialised once for all clients, when the first of them needs it. */
export interface FeedItem {
  readonly offset: bigint
  readonly cursor: string
  readonly id: string
  readonly type: EventType
  /** Estimate of the bytes of the frame, which needs no serialising. */
  readonly size: number
  /** The text of the `event` message of `gossip-bridge.v1+json`. */
  readonly frame: string
  /** The same as UTF-8, made once for all replays that send it. */
  readonly bytes: Uint8Array
  /** Teranode's notification object as text, for the kinds that Teranode shows. */
  readonly teranode: string | null
  /** What filters look at. */
  readonly facts: ItemFacts
}

interface ItemFacts {
  readonly peerId: string | null
  readonly origin: 'own' | 'network'
  readonly height: number | null
  readonly hash: string | null
}

export interface LogToBrowsersDeps {
  formatCursor(offset: bigint, id: string): string
  /** Teranode's object for a block, subtree or mining-on; null for everything else. */
  teranodeNotification(event: LogEvent): string | null
}

/** A frame without the texts of its content: the id, the cursor, the times, the signer, a hash, and the names of the properties. */
const FRAME_BYTES = 400

/** Converts an event of the event log to the texts that every browser receives. */
export function logToBrowsers(deps: LogToBrowsersDeps): (entry: EventEntry) => FeedItem {
  return (entry) => new Item(entry, deps)
}

/** Keeps the event rather than its texts: a bridge that nobody watches then serialises nothing. */
class Item implements FeedItem {
  readonly id: string
  readonly type: EventType
  readonly offset: bigint
  readonly size: number
  readonly #entry: EventEntry
  readonly #deps: LogToBrowsersDeps
  #frame: string | undefined
  #bytes: Uint8Array | undefined
  #teranode: string | null | undefined

  constructor(entry: EventEntry, deps: LogToBrowsersDeps) {
    this.id = entry.event.id
    this.type = entry.event.type
    this.offset = entry.offset
    this.size = FRAME_BYTES + textLengthOf(eventContent(entry.event))
    this.#entry = entry
    this.#deps = deps
  }

  get cursor(): string {
    return this.#deps.formatCursor(this.offset, this.id)
  }

  get frame(): string {
    this.#frame ??= frameOf(this.#entry, this.cursor)
    return this.#frame
  }

  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.from(this.frame, 'utf8')
    return this.#bytes
  }

  get teranode(): string | null {
    if (this.#teranode === undefined) this.#teranode = this.#deps.teranodeNotification(this.#entry.event)
    return this.#teranode
  }

  get facts(): ItemFacts {
    return factsOf(this.#entry.event)
  }
}

function frameOf({ event, timestamp, source }: EventEntry, cursor: string): string {
  // All events of an event log have the same network and bridge, so only `hello` carries them.
  const { id, network: _network, bridgeId: _bridgeId, ...said } = event
  return jsonText({ type: 'event', id, cursor, data: { ...said, loggedAt: timestamp, source } })
}

function textLengthOf(content: Readonly<Record<string, unknown>>): number {
  let length = 0
  for (const name in content) {
    const value = content[name]
    if (typeof value === 'string') length += value.length
  }
  return length
}

function factsOf(event: LogEvent): ItemFacts {
  const kind = EVENT_KINDS[event.type]
  const content = eventContent(event)
  const hash = kind.hash === null ? null : content[kind.hash]
  const height = kind.height === null ? null : content[kind.height]
  return {
    peerId: event.peerId,
    origin: event.origin,
    height: typeof height === 'number' ? height : null,
    hash: typeof hash === 'string' ? hash : null,
  }
}

/** JSON with bigint as JSON integer, which JSON.stringify refuses to write. Null and undefined properties are omitted. */
function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value)
  const properties: string[] = []
  for (const [name, property] of Object.entries(value)) {
    if (property !== null && property !== undefined) properties.push(`${JSON.stringify(name)}:${jsonText(property)}`)
  }
  return `{${properties.join(',')}}`
}
