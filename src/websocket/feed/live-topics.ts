import { NOTICE_TOPIC, topicOf } from './feed.ts'

/** The topics of live clients without a filter. Clients that want the same types share one list, since each keeps it until it leaves. There are no more lists than sets of types. */
export class LiveTopics {
  readonly #lists = new Map<string, readonly string[]>()

  of(types: ReadonlySet<string>): readonly string[] {
    const sorted = [...types].sort()
    const key = sorted.join(',')
    const known = this.#lists.get(key)
    if (known) return known
    const list = [NOTICE_TOPIC, ...sorted.map(topicOf)]
    this.#lists.set(key, list)
    return list
  }
}
