import { expect, test } from 'vitest'
import type { Ban } from '../../../src/bans/ban.ts'
import { incompleteness } from '../../../src/bans/published/ban-repairs.ts'
import { MARKER_KEY, markerHeaders } from '../../../src/bans/published/published-ban.ts'
import { readBanTopic } from '../../../src/bans/published/read-ban-topic.ts'
import { KeepBanTopic } from '../../../src/flows/keep-ban-topic.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const PERIOD = 20_000

function entry(key: string, reason = ''): Ban {
  return { key, until: null, reason, since: 0, cause: 'x' }
}

/** A topic and a store in arrays, and an instance that keeps the topic equal to the store. */
class World {
  readonly clock = fakeClock()
  records: { key: Buffer; value: Buffer | null; headers: Record<string, string> }[] = []
  bans: Ban[] = []
  revision = 0
  reads = 0
  readonly keeper = new KeepBanTopic({
    clock: this.clock,
    load: async () => ({ revision: this.revision, bans: [...this.bans], now: 0 }),
    standing: async () => ({ revision: this.revision, entries: this.bans.length, unpublished: 0 }),
    raiseRevision: async (revision) => {
      this.revision = Math.max(this.revision, revision)
    },
    readTopic: () => this.read(),
    bounds: async () => ({ low: 0n, high: BigInt(this.records.length) }),
    writer: {
      write: async (key, ban, revision) => this.append(key, ban, { revision: `${revision}` }),
      writeMarker: async (marker) => this.append(MARKER_KEY, entry(MARKER_KEY), markerHeaders(marker)),
    },
    onRepaired: () => {},
  })

  append(key: string, ban: Ban | null, headers: Record<string, string>): bigint {
    this.records.push({ key: Buffer.from(key), value: ban && Buffer.from(JSON.stringify(ban)), headers })
    return BigInt(this.records.length - 1)
  }

  async read() {
    this.reads += 1
    const end = BigInt(this.records.length)
    return readBanTopic({
      readers: [
        { bounds: async () => ({ low: 0n, high: end }), read: async (from) => ({ records: this.records.slice(Number(from)), next: end }) },
      ],
      decode: (value) => JSON.parse(value.toString()),
      onUnreadable: () => {},
    })
  }

  async expectWhole(): Promise<void> {
    const published = await this.read()
    expect(incompleteness('p2p-bans', published)).toBeUndefined()
    expect(published.bans.map(({ key }) => key).sort()).toEqual(this.bans.map(({ key }) => key).sort())
  }
}

function world(...keys: string[]): World {
  const made = new World()
  made.bans = keys.map((key) => entry(key))
  made.revision = keys.length
  return made
}

test('a new primary fills an empty topic and marks it as whole', async () => {
  const made = world('10.0.0.1', '10.0.0.2')
  await made.keeper.check()
  await made.expectWhole()
  expect(made.records).toHaveLength(3)
})

test('an empty list is marked as whole too', async () => {
  const made = world()
  await made.keeper.check()
  await made.expectWhole()
})

test('while nobody else writes, nothing is read again, and a change is marked within twenty seconds', async () => {
  const made = world('10.0.0.1')
  await made.keeper.check()
  made.revision = 2
  made.bans.push(entry('10.0.0.2'))
  await made.keeper.write('10.0.0.2', entry('10.0.0.2'), 2)
  const records = made.records.length
  for (let checks = 0; checks < 10; checks++) await made.keeper.check()
  expect(made.records).toHaveLength(records)
  made.clock.advance(PERIOD)
  await made.keeper.check()
  expect(made.records).toHaveLength(records + 1)
  made.clock.advance(PERIOD)
  await made.keeper.check()
  expect(made.records).toHaveLength(records + 1)
  expect(made.reads).toBe(1)
  await made.expectWhole()
})

test.each([
  ['the topic was deleted and created anew', (made: World) => made.records.splice(0)],
  ['the topic lost its newest records', (made: World) => made.records.splice(2)],
  ['a former primary wrote an old ban late', (made: World) => made.append('10.0.0.9', entry('10.0.0.9'), { revision: '1' })],
  ['a stranger lifted a ban', (made: World) => made.append('10.0.0.1', null, {})],
])('within twenty seconds it repairs what happened: %s', async (_what, happen) => {
  const made = world('10.0.0.1', '10.0.0.2')
  await made.keeper.check()
  happen(made)
  made.clock.advance(PERIOD)
  await made.keeper.check()
  await made.expectWhole()
  // The records left by compaction are right as well.
  made.records = [...new Map(made.records.map((record) => [`${record.key}`, record])).values()]
  await made.expectWhole()
})

test('a database restored from a backup continues above the revisions in the topic', async () => {
  const made = world('10.0.0.1')
  made.append('10.0.0.2', entry('10.0.0.2'), { revision: '40' })
  await made.keeper.check()
  expect(made.revision).toBe(41)
  await made.expectWhole()
})

test('a backup that is as old as the last mark is recognised too', async () => {
  const made = world('10.0.0.1')
  await made.keeper.check()
  made.revision = 2
  made.bans.push(entry('10.0.0.2'))
  await made.keeper.write('10.0.0.2', entry('10.0.0.2'), 2)
  made.bans.pop()
  made.revision = 1
  made.clock.advance(PERIOD)
  await made.keeper.check()
  await made.expectWhole()
  expect(made.revision).toBe(3)
})

test.each([
  ['before its next change', 0],
  ['after as many changes as were lost', 2],
])('a database that is restored from a backup while the primary runs is compared %s', async (_when, changes) => {
  const made = world('10.0.0.1', '10.0.0.2', '10.0.0.3')
  await made.keeper.check()
  made.bans = [entry('10.0.0.1')]
  made.revision = 1
  for (let n = 0; n < changes; n++) {
    made.revision += 1
    made.bans.push(entry(`10.0.1.${n}`))
    await made.keeper.write(`10.0.1.${n}`, entry(`10.0.1.${n}`), made.revision)
  }
  made.clock.advance(PERIOD)
  await made.keeper.check()
  await made.expectWhole()
  expect(made.revision).toBeGreaterThanOrEqual(3)
})

test('after another instance was the primary the topic is compared again', async () => {
  const made = world('10.0.0.1')
  await made.keeper.check()
  await made.keeper.check({ isNew: true })
  expect(made.reads).toBe(2)
  expect(made.records).toHaveLength(2)
})
