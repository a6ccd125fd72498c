import { createHistory, HISTORY_DEFAULTS, type HistoryOptions } from '../../../../src/events/history/history.ts'
import { LatestOffsets } from '../../../../src/events/history/latest-offsets.ts'
import type { EventEntry } from '../../../../src/events/reading/read-events.ts'

const PAGE = 10

interface FakeOptions extends Partial<HistoryOptions> {
  readonly low?: number
  /** From here on the index knows the event log, as after a start. */
  readonly knownFrom?: number
}

export const many = (count: number, type = 'block') => Array.from({ length: count }, (_, index) => ({ id: `${type}${index}`, type }))

/** A history over an event log of these types and ids, read in pages of ten; `reads` is what it read, with the way of reading. */
export function historyOf(events: { id: string; type: string }[], { low = 0, knownFrom = events.length, ...options }: FakeOptions = {}) {
  const entries = events.map((event, index) => ({ event, offset: BigInt(index), timestamp: index }) as unknown as EventEntry)
  const reads: string[] = []
  const latest = new LatestOffsets({ types: ['block', 'ban', 'sync'], perType: 20 })
  latest.begin(BigInt(knownFrom))
  for (const { event, offset } of entries.slice(knownFrom)) latest.add(event.type, offset)
  const control = { fail: null as Error | null, low }
  const read = async (how: string, from: bigint, count = PAGE) => {
    reads.push(`${how} ${from}`)
    await Promise.resolve()
    if (control.fail) throw control.fail
    if (from < control.low || from > entries.length) throw new Error('out of range')
    const page = entries.slice(Number(from), Number(from) + count)
    return { entries: page, next: from + BigInt(page.length) }
  }
  const history = createHistory(
    { ...HISTORY_DEFAULTS, rememberedIds: 3, ...options },
    {
      reads: {
        bounds: async () => ({ low: BigInt(control.low), high: BigInt(entries.length) }),
        offsetAt: async (time) => BigInt(time),
        entries: (from) => read('page', from),
        entriesAt: ([from = 0n]) => read('one', from, 1),
        async heads(from) {
          const { entries: page, next } = await read('heads', from, 1000)
          return { heads: page.map(({ event: { id, type }, offset }) => ({ id, type, offset })), next }
        },
      },
      latest,
      passed: async () => {},
      toItem: ({ event, offset }) => ({ offset, id: event.id }),
      bytesOf: () => 100,
    },
  )
  return { history, reads, control, latest, end: BigInt(entries.length) }
}

export const wanted = () => true
