import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { KEPT_WHOLE } from '../harness/archive.ts'
import type { Fault } from '../harness/fault.ts'
import { expectedEventId } from '../harness/node-b/announcements.ts'
import { BARS } from './bars.ts'

const BAD_RECORDS = 2000
const ARRIVAL_DEADLINE_MS = 30_000
const WITHOUT_LETTERS_MS = 8000
/** Framed as Avro, with an unknown schema id. */
const POISON = { key: 'poison', value: Buffer.from([0, 0, 0, 3, 231, 1, 2, 3]) }

/** Unusable records among good ones. */
export const INPUT_FAULTS: readonly Fault[] = [
  {
    name: `dead-letter storm, ${BAD_RECORDS} records`,
    bar: { ...BARS.bystander, logPauseMs: 2000, derivedPauseMs: 2000 },
    prepare: async ({ brokers, services, topic }) => {
      const before = await brokers.count(topic('p2p-dead-letters'))
      return async () => {
        const bad = Array.from({ length: BAD_RECORDS }, (_, index) => ({ key: `bad-${index}`, value: randomBytes(200) }))
        await services.produce(topic('blockchain-notifications'), bad)
        // Both groups read the topic, and each writes its own dead letters.
        const wanted = before + 2 * BAD_RECORDS
        const found = await untilAtLeast(() => brokers.count(topic('p2p-dead-letters')), wanted)
        return found >= wanted ? [] : [`${found - before} dead letters of ${wanted - before}`]
      }
    },
  },
  {
    name: 'no dead-letter topic, 8 s, and bad records',
    bar: BARS.bystander,
    prepare: async ({ brokers, services, topic }) => {
      const letters = topic('p2p-dead-letters')
      return async () => {
        await brokers.deleteTopic(letters)
        const bad = Array.from({ length: 20 }, (_, index) => ({ key: `bad-${index}`, value: randomBytes(200) }))
        await services.produce(topic('blockchain-notifications'), bad)
        await pause(WITHOUT_LETTERS_MS)
        await brokers.makeTopics([{ name: letters, partitions: 3, config: {} }])
        const wanted = 2 * bad.length
        const found = await untilAtLeast(() => brokers.count(letters), wanted)
        return found >= wanted ? [] : [`${found} dead letters of ${wanted} once their topic was there again`]
      }
    },
  },
  {
    name: 'a poison record between good ones',
    bar: BARS.bystander,
    prepare: async ({ services, topic, archive, bridgeId }) => {
      return async () => {
        const hashes = Array.from({ length: 20 }, () => randomBytes(32).toString('hex'))
        const good = hashes.map((hash) => ({ key: hash, value: JSON.stringify({ type: 'Subtree', hash }) }))
        await services.produce(topic('blockchain-notifications'), [...good.slice(0, 10), POISON, ...good.slice(10)], 0)
        const ids = hashes.map((hash) => expectedEventId('subtree', hash, bridgeId))
        const found = await untilAtLeast(async () => {
          await archive.catchUp()
          const keys = new Set(archive.records(topic('p2p-events')).map(({ key }) => key))
          return ids.filter((id) => keys.has(id)).length
        }, ids.length)
        return found === ids.length ? [] : [`${found} of ${ids.length} own announcements around a poison record are in the log`]
      }
    },
  },
  {
    name: 'strangers write copies into the log',
    bar: { ...BARS.bystander, copies: KEPT_WHOLE },
    prepare: async ({ services, topic, archive }) => {
      return async () => {
        await archive.catchUp()
        await services.produce(topic('p2p-events'), archive.latest(topic('p2p-events')), 0)
      }
    },
  },
]

async function untilAtLeast(count: () => Promise<number>, wanted: number): Promise<number> {
  const until = performance.now() + ARRIVAL_DEADLINE_MS
  for (;;) {
    const found = await count()
    if (found >= wanted || performance.now() > until) return found
    await pause(200)
  }
}
