import { expect, test } from 'vitest'
import { type BanTopicReader, readBanTopic } from '../../../src/bans/read-ban-topic.ts'

interface Entry {
  key: string
  value: string | null
}

const ban = (key: string, reason = '') => ({ key, value: JSON.stringify({ key, until: null, reason, since: 0, cause: 'x' }) })

/** A partition that answers two records at a time; undefined stands where compaction has left a hole. */
function partition(...entries: (Entry | undefined)[]): BanTopicReader {
  return {
    bounds: async () => ({ low: 0n, high: BigInt(entries.length) }),
    read: async (from) => {
      const some = entries.slice(Number(from), Number(from) + 2)
      const records = some.flatMap((entry) =>
        entry ? [{ key: Buffer.from(entry.key), value: entry.value === null ? null : Buffer.from(entry.value) }] : [],
      )
      return { records, next: from + BigInt(some.length) }
    },
  }
}

async function read(...readers: BanTopicReader[]) {
  const unreadable: string[] = []
  const bans = await readBanTopic({
    readers,
    decode: (value) => JSON.parse(value.toString()),
    onUnreadable: (key) => unreadable.push(key),
  })
  return { keys: bans.map(({ key, reason }) => `${key} ${reason}`.trim()), unreadable }
}

test('the newest record of each key counts, over all partitions and holes', async () => {
  const first = partition(ban('10.0.0.1', 'old'), undefined, undefined, ban('10.0.0.2'), ban('10.0.0.1', 'new'), {
    key: '10.0.0.2',
    value: null,
  })
  expect(await read(first, partition(ban('10.0.0.3')), partition())).toEqual({ keys: ['10.0.0.1 new', '10.0.0.3'], unreadable: [] })
})

test('what is no ban is said and passed over', async () => {
  const { keys, unreadable } = await read(partition({ key: 'a', value: 'nonsense' }, ban('example.org'), ban('10.0.0.1')))
  expect(keys).toEqual(['10.0.0.1'])
  expect(unreadable).toEqual(['a', 'example.org'])
})

test('a topic that leads nowhere fails rather than hangs', async () => {
  const stuck: BanTopicReader = { bounds: async () => ({ low: 0n, high: 5n }), read: async (from) => ({ records: [], next: from }) }
  await expect(read(stuck)).rejects.toThrow(/gives nothing from offset 0 on/)
})
