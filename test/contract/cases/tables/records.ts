import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Message } from 'kafkajs'
import type { Case, CaseTopic } from '../case.ts'
import { keys, small } from '../cluster.ts'

/** Timestamps that Java's longs allow but no calendar has; the broker accepts them if the topic does not bound them. */
const ANY_TIME = {
  'message.timestamp.type': 'CreateTime',
  'message.timestamp.after.max.ms': '9223372036854775807',
  'retention.ms': '-1', // the oldest would go before anybody has read them
}
const TIMES = ['-9000000000000000', '-2', '0', '1767225600000000000', '8640000000000001', '9223372036854775806']

const HEADERS: Message['headers'][] = [
  {},
  { '': 'an empty name' },
  { twice: ['one', 'two'], __proto__: 'own', constructor: 'x' },
  { ['long '.repeat(10_000)]: 'v' },
  { binary: Buffer.from([0, 255, 27, 10]), empty: '' },
  Object.fromEntries(keys('h', 2000).map((name) => [name, name])),
  { huge: Buffer.alloc(400_000, 'x') },
]

/** Java's own console producer: kafkajs compresses with gzip only, and in this process with the bridge's codecs, which only read. */
async function produceWithJava({ name, cluster }: CaseTopic, codec: string, names: readonly string[]): Promise<void> {
  const input = names.map((key) => `${key}|${'compressible '.repeat(20)}\n`).join('')
  const parsing = ['--property', 'parse.key=true', '--property', 'key.separator=|']
  await cluster.tool('console-producer', ['--topic', name, '--compression-codec', codec, ...parsing], input)
}

/** A fault of the disk: some bytes in the middle of the compressed part of the topic's second batch. A broker returns them unchanged. */
async function breakSecondBatch({ name, cluster }: CaseTopic): Promise<void> {
  const folder = cluster.partitionFolder(name)
  const file = (await readdir(folder)).find((each) => each.endsWith('.log')) ?? ''
  const bytes = await readFile(join(folder, file))
  const start = 12 + bytes.readInt32BE(8)
  const end = start + 12 + bytes.readInt32BE(start + 8)
  bytes.fill(0xff, start + 61 + 4, end - 4)
  await writeFile(join(folder, file), bytes, { flag: 'r+' })
}

export const RECORDS: readonly Case[] = [
  {
    name: 'timestamps of any size',
    config: ANY_TIME,
    steps: [
      {
        change: ({ name, cluster }) =>
          cluster.produce(
            name,
            TIMES.map((timestamp, index) => ({ ...small(`t${index}`), timestamp })),
          ),
        delivers: keys('t', TIMES.length),
        ends: BigInt(TIMES.length),
      },
    ],
  },
  {
    name: 'each in a batch of its own, timestamps of any size',
    config: ANY_TIME,
    steps: [
      {
        change: async ({ name, cluster }) => {
          for (const [index, timestamp] of TIMES.entries()) await cluster.produce(name, [{ ...small(`t${index}`), timestamp }])
        },
        delivers: keys('t', TIMES.length),
        ends: BigInt(TIMES.length),
      },
    ],
  },
  {
    name: 'no key, no value, neither, and headers of any kind',
    steps: [
      {
        change: async ({ name, cluster }) => {
          await cluster.produce(name, [
            { key: 'k', value: null },
            { key: null, value: 'v' },
            { key: null, value: null },
            { key: '', value: '' },
          ])
          await cluster.produce(
            name,
            HEADERS.map((headers, index) => ({ ...small(`h${index}`), headers: headers ?? {} })),
          )
        },
        delivers: ['k', 'null', 'null', '', ...keys('h', HEADERS.length)],
        ends: BigInt(4 + HEADERS.length),
      },
    ],
  },
  {
    name: 'every codec',
    steps: [
      {
        change: async (topic) => {
          for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) await produceWithJava(topic, codec, keys(codec, 3))
        },
        delivers: ['gzip', 'snappy', 'lz4', 'zstd'].flatMap((codec) => keys(codec, 3)),
        ends: 12n,
      },
    ],
  },
  {
    name: 'a compressed batch that the disk has broken',
    steps: [
      {
        change: async (topic) => {
          const { name, cluster } = topic
          await cluster.produce(name, ['before'])
          await produceWithJava(topic, 'gzip', keys('lost', 50))
          await cluster.produce(name, ['behind'])
          await breakSecondBatch(topic)
        },
        delivers: ['before', 'behind'],
        ends: 52n,
        reports: ['undecodable'],
      },
    ],
  },
]
