import type { FeedItem } from './feed-item.ts'
import { type EventFilter, passes } from './filter.ts'

/** What a client wants of the live stream beyond whole types. */
export interface LiveWish {
  readonly types: ReadonlySet<string>
  readonly filter: EventFilter | null
  /** Above 0, events come as arrays, at most so many milliseconds late. */
  readonly batchMs: number
}

export interface FilterClassesOptions {
  /** Upper bound on different wishes at one time: each costs a look at each event. */
  readonly maxClasses: number
}

export interface FilterClassesDeps {
  publish(topic: string, text: string): void
}

/** A batch is sent earlier when it has so many bytes. */
const BATCH_BYTES = 64 * 1024

interface FilterClass {
  readonly topic: string
  readonly wish: LiveWish
  clients: number
  batch: string[]
  bytes: number
  timer: NodeJS.Timeout | undefined
}

/** A place in a class: the topic to follow, and what ends it. */
export interface ClassPlace {
  readonly topic: string
  leave(): void
}

/** Clients with the same filter share one topic, so that an event is looked at and published once for all of them. */
export class FilterClasses {
  readonly #options: FilterClassesOptions
  readonly #deps: FilterClassesDeps
  readonly #classes = new Map<string, FilterClass>()
  #serial = 0

  constructor(options: FilterClassesOptions, deps: FilterClassesDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Null when there are too many classes. What a class holds back is sent first: it is not for the new client. */
  join(wish: LiveWish): ClassPlace | null {
    const key = keyOf(wish)
    const found = this.#classes.get(key) ?? this.#create(key, wish)
    if (!found) return null
    this.#flush(found)
    found.clients += 1
    return { topic: found.topic, leave: () => this.#leave(key, found) }
  }

  publish(item: FeedItem): void {
    if (this.#classes.size === 0) return
    for (const each of this.#classes.values()) {
      const { types, filter, batchMs } = each.wish
      if (!types.has(item.type) || (filter !== null && !passes(filter, item))) continue
      if (batchMs === 0) this.#deps.publish(each.topic, item.frame)
      else this.#hold(each, item.frame, batchMs)
    }
  }

  /** Sends what is held back: before a message with a cursor, which says that all events up to it were sent. */
  flush(): void {
    for (const each of this.#classes.values()) this.#flush(each)
  }

  #create(key: string, wish: LiveWish): FilterClass | undefined {
    if (this.#classes.size >= this.#options.maxClasses) return undefined
    this.#serial += 1
    const created: FilterClass = { topic: `v1-class/${this.#serial}`, wish, clients: 0, batch: [], bytes: 0, timer: undefined }
    this.#classes.set(key, created)
    return created
  }

  /** The client still follows the topic: it gets what is held back. */
  #leave(key: string, each: FilterClass): void {
    this.#flush(each)
    each.clients -= 1
    if (each.clients === 0) this.#classes.delete(key)
  }

  #hold(each: FilterClass, frame: string, batchMs: number): void {
    each.batch.push(frame)
    each.bytes += frame.length
    if (each.bytes >= BATCH_BYTES) this.#flush(each)
    else each.timer ??= setTimeout(() => this.#flush(each), batchMs)
  }

  #flush(each: FilterClass): void {
    clearTimeout(each.timer)
    each.timer = undefined
    if (each.batch.length === 0) return
    this.#deps.publish(each.topic, `[${each.batch.join(',')}]`)
    each.batch = []
    each.bytes = 0
  }
}

function keyOf({ types, filter, batchMs }: LiveWish): string {
  return JSON.stringify([[...types].sort(), filter, batchMs])
}
