import { expect, test } from 'vitest'
import { parseCursor } from '../../../src/events/entries/cursor.ts'
import { eventually } from '../../support/eventually.ts'
import { blockEvent, FakeLog } from '../websocket/fake-log.ts'
import { startServer } from '../websocket/start-server.ts'
import { startClient } from './start-client.ts'

const STEPS = 150
const INSTANCES = 3
/** Few, so that most returns need the event log. */
const RECENT = 15

/** The same numbers for the same seed, from 0 to below 1. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** An instance that follows the shared event log at its own pace, and leaves out copies as a tail does. */
async function startInstance(log: FakeLog) {
  const started = await startServer({ log, limits: { recentItems: RECENT } })
  let next = log.high
  const seen = new Set(log.entries.map(({ event }) => event.id))
  await started.server.publish([], next)
  const follow = async (count: number) => {
    const entries = log.entries.slice(Number(next), Number(next) + count)
    const first = entries.filter(({ event }) => !seen.has(event.id) && seen.add(event.id))
    next += BigInt(entries.length)
    await started.server.publish(first.map(log.toItem), next)
  }
  return { server: started.server, url: `${started.ws}/ws`, follow, followAll: () => follow(log.entries.length) }
}

const offsetOf = (cursor: string | null | undefined) => Number(parseCursor(cursor ?? '')?.offset ?? expect.fail(`${cursor} is no cursor`))

test.each([1, 2, 3, 4])(
  'a client that is cut off and jumps between three instances has each event once, or a gap that names it (%i)',
  async (seed) => {
    const random = numbers(seed)
    const below = (end: number) => Math.floor(random() * end)
    const log = new FakeLog()
    const instances = await Promise.all(Array.from({ length: INSTANCES }, () => startInstance(log)))
    const urls = instances.map(({ url }) => url)
    // One that only later steps publish: before it the event log is empty, and a client has no place in it.
    log.add(blockEvent())
    for (const { followAll } of instances) await followAll()
    const { order, gaps, cut, client } = startClient({
      url: urls,
      since: 0,
      firstWaitMs: 1,
      longestWaitMs: 20,
    })
    for (let step = 0; step < STEPS; step++) {
      const action = below(10)
      const which = below(INSTANCES)
      if (action < 4)
        log.addMany(1 + below(12), () => (below(8) === 0 ? log.entries[below(log.entries.length)]?.event : null) ?? blockEvent(step))
      else if (action < 7) await instances[which]?.follow(1 + below(20))
      else if (action < 9) cut()
      else if (below(3) > 0) {
        const another = await startInstance(log)
        await instances[which]?.server.stop()
        instances[which] = another
        urls[which] = another.url
      } else if (log.high - log.low > 30n) log.low += BigInt(below(30))
      await new Promise((resolve) => setTimeout(resolve, below(8)))
    }
    log.add(blockEvent())
    await eventually(async () => {
      for (const { followAll } of instances) await followAll()
      return client.state === 'live' && client.cursor !== null && offsetOf(client.cursor) === log.entries.length - 1
    })
    expectWhole(log, order, gaps)
  },
)

/** Goes through what the client was told, in order: nothing twice, nothing left out but what a gap names. */
function expectWhole(
  log: FakeLog,
  order: readonly (['event', string] | ['gap', number])[],
  gaps: readonly { requested: string | null; oldest: string | null }[],
): void {
  const wanted = log.entries.filter(({ event }, index) => log.entries.findIndex((other) => other.event.id === event.id) === index)
  const had = new Set<string>()
  const named = new Set<number>()
  for (const [what, value] of order) {
    if (what === 'gap') {
      const { requested, oldest } = gaps[value] ?? expect.fail()
      for (let offset = requested === null ? 0 : offsetOf(requested) + 1; offset < offsetOf(oldest); offset++) named.add(offset)
    } else {
      const { id } = log.entries[offsetOf(value)]?.event ?? expect.fail()
      expect(had.has(id)).toBe(false)
      had.add(id)
    }
  }
  expect(wanted.filter(({ event, offset }) => !had.has(event.id) && !named.has(Number(offset)))).toEqual([])
}
