import { expect, test } from 'vitest'
import { incompleteness, repairsOf, wholeList } from '../../../../src/bans/published/ban-repairs.ts'
import { MARKER_KEY, markerBan, markerHeaders } from '../../../../src/bans/published/published-ban.ts'
import { type BanTopicReader, readBanTopic } from '../../../../src/bans/published/read-ban-topic.ts'
import { RetryLaterError } from '../../../../src/messages/errors.ts'

interface Entry {
  key: string
  value: string | null
  headers?: Record<string, string>
}

const entryOf = (key: string, reason = '') => ({ key, until: null, reason, since: 0, cause: 'x' })
const withRevision = (revision?: number) => (revision === undefined ? {} : { headers: { revision: `${revision}` } })
const ban = (key: string, reason = '', revision?: number): Entry => ({
  key,
  value: JSON.stringify(entryOf(key, reason)),
  ...withRevision(revision),
})
const tombstone = (key: string, revision?: number): Entry => ({ key, value: null, ...withRevision(revision) })
const marker = (revision: number, entries: number): Entry => ({
  key: MARKER_KEY,
  value: JSON.stringify(markerBan()),
  headers: markerHeaders({ revision, entries }),
})

/** A partition that returns two records at a time. Undefined marks a hole left by compaction. */
function partition(...entries: (Entry | undefined)[]): BanTopicReader {
  return {
    bounds: async () => ({ low: 0n, high: BigInt(entries.length) }),
    read: async (from) => {
      const some = entries.slice(Number(from), Number(from) + 2)
      const records = some.flatMap((entry) =>
        entry
          ? [{ key: Buffer.from(entry.key), value: entry.value === null ? null : Buffer.from(entry.value), headers: entry.headers ?? {} }]
          : [],
      )
      return { records, next: from + BigInt(some.length) }
    },
  }
}

async function read(...readers: BanTopicReader[]) {
  const unreadable: string[] = []
  const published = await readBanTopic({
    readers,
    decode: (value) => JSON.parse(value.toString()),
    onUnreadable: ({ keys }) => unreadable.push(...keys),
  })
  return { published, keys: published.bans.map(({ key, reason }) => `${key} ${reason}`.trim()), unreadable }
}

test('the newest record of each key counts, over all partitions and holes', async () => {
  const first = partition(ban('10.0.0.1', 'old'), undefined, undefined, ban('10.0.0.2'), ban('10.0.0.1', 'new'), {
    key: '10.0.0.2',
    value: null,
  })
  expect(await read(first, partition(ban('10.0.0.3')), partition())).toMatchObject({ keys: ['10.0.0.1 new', '10.0.0.3'], unreadable: [] })
})

test('a record that is not a ban is reported and skipped', async () => {
  const { keys, unreadable } = await read(partition({ key: 'a', value: 'nonsense' }, ban('example.org'), ban('10.0.0.1')))
  expect(keys).toEqual(['10.0.0.1'])
  expect(unreadable).toEqual(['a', 'example.org'])
})

test('a read that makes no progress fails instead of hanging', async () => {
  const stuck: BanTopicReader = { bounds: async () => ({ low: 0n, high: 5n }), read: async (from) => ({ records: [], next: from }) }
  await expect(read(stuck)).rejects.toThrow(/gives nothing from offset 0 on/)
})

test('for each key the highest revision counts, even if a former primary writes late', async () => {
  const { keys, published } = await read(
    partition(
      ban('10.0.0.1', 'new', 8),
      ban('10.0.0.2', '', 9),
      tombstone('10.0.0.2', 10),
      ban('10.0.0.1', 'old', 7),
      ban('10.0.0.2', '', 9),
    ),
  )
  expect(keys).toEqual(['10.0.0.1 new'])
  expect(published.revision).toBe(10)
  // Compaction would keep the old records, so both have to be written again.
  expect(repairsOf([entryOf('10.0.0.1', 'new')], published)).toEqual([
    { key: '10.0.0.1', ban: entryOf('10.0.0.1', 'new') },
    { key: '10.0.0.2', ban: null },
  ])
})

test('a record without a revision, as earlier releases write it, counts by its order', async () => {
  const { keys } = await read(
    partition(ban('10.0.0.1', 'a', 8), ban('10.0.0.1', 'b'), ban('10.0.0.1', 'c', 3), tombstone('10.0.0.2', 5), ban('10.0.0.2')),
  )
  expect(keys).toEqual(['10.0.0.1 c', '10.0.0.2'])
})

test.each([
  ['an empty topic', [], /is empty: it was created anew/],
  ['a topic that no bridge with a database has marked', [ban('10.0.0.1')], /no bridge has confirmed/],
  ['a topic that lost a record', [ban('10.0.0.1', '', 1), marker(2, 2)], /holds 1 bans where 2 were confirmed/],
  ['a marker alone', [marker(0, 0)], undefined],
  ['the whole list', [ban('10.0.0.1', '', 1), ban('10.0.0.2', '', 2), marker(2, 2)], undefined],
  ['the whole list and later changes', [marker(2, 2), tombstone('10.0.0.1', 3), ban('10.0.0.2', '', 2), ban('10.0.0.3', '', 4)], undefined],
  ['a marker that is written over', [marker(2, 2), ban('10.0.0.1', '', 1), marker(5, 1)], undefined],
  ['a late marker of a former primary', [ban('10.0.0.1', '', 5), marker(5, 1), marker(4, 7)], undefined],
])('%s is whole, or the reason is reported', async (_what, records, gap) => {
  const { published, keys } = await read(partition(...records))
  expect(keys).not.toContain(MARKER_KEY)
  const said = incompleteness('p2p-bans', published)
  if (gap) {
    expect(said).toMatch(gap)
    expect(() => wholeList('p2p-bans', published)).toThrow(gap)
  } else {
    expect(said).toBeUndefined()
    expect(wholeList('p2p-bans', published)).toBe(published.bans)
  }
})

test('missing, wrong and surplus entries of the topic are repaired, and nothing else', async () => {
  const { published } = await read(
    partition(ban('10.0.0.1', '', 1), ban('10.0.0.2', 'other', 2), ban('10.0.0.3', '', 3), tombstone('10.0.0.4', 4)),
  )
  const list = [entryOf('10.0.0.1'), entryOf('10.0.0.2'), entryOf('10.0.0.5')]
  expect(repairsOf(list, published)).toEqual([
    { key: '10.0.0.2', ban: entryOf('10.0.0.2') },
    { key: '10.0.0.5', ban: entryOf('10.0.0.5') },
    { key: '10.0.0.3', ban: null },
  ])
})

test('a ban whose schema nobody has named yet is waited for, and never taken for none', async () => {
  const pending = { readers: [partition(ban('192.0.2.1'))], onUnreadable: () => expect.unreachable() }
  const { bans } = await readBanTopic({ ...pending, decode: async (value) => JSON.parse(value.toString()) })
  expect(bans).toMatchObject([{ key: '192.0.2.1' }])
  const away = async () => Promise.reject(new RetryLaterError('the registry is away'))
  await expect(readBanTopic({ ...pending, decode: away })).rejects.toThrow('the registry is away')
})
