import { expect, test } from 'vitest'
import {
  type DeadLetter,
  faultOf,
  identityOf,
  letterJson,
  letterLine,
  toReplay,
  toReplayNote,
} from '../../../../src/cli/dead-letters/letter.ts'
import { type ReplayDone, type ReplayOptions, replayLetters } from '../../../../src/cli/dead-letters/replay.ts'
import { named, readNotes, select } from '../../../../src/cli/dead-letters/selection.ts'
import { recordsByTime, type TopicPartition } from '../../../../src/cli/dead-letters/topic.ts'
import { deadLetters } from '../../../../src/flows/dead-letters.ts'
import { RecordRefusedError } from '../../../../src/kafka/producer/producer-errors.ts'
import type { KafkaRecord, OutgoingRecord } from '../../../../src/kafka/record.ts'
import { BadInputError } from '../../../../src/messages/errors.ts'

const IN_TOPICS = ['in', 'other-in']

/** A letter exactly as the bridge writes it. */
async function letterRecord(
  original: Partial<KafkaRecord> = {},
  { refusesWhole = false, error = new BadInputError('not-json', 'no "{"') as Error } = {},
) {
  const sent: OutgoingRecord[] = []
  const write = deadLetters(
    { bridgeId: 'node-a', network: 'regtest' },
    {
      send: async (record) => {
        if (refusesWhole && record.headers.cut !== '1') throw new RecordRefusedError('too large')
        sent.push(record)
      },
      isRefused: (each) => each instanceof RecordRefusedError,
      now: () => 5_000,
    },
  )
  await write(
    { topic: 'in', partition: 1, offset: 7n, key: Buffer.from('k'), value: Buffer.from('x'), headers: {}, timestamp: 1000, ...original },
    error,
  )
  return asRead(sent[0])
}

function asRead(record: OutgoingRecord | undefined, place: Partial<KafkaRecord> = {}): KafkaRecord {
  if (!record) throw new Error('nothing was written')
  const { key, value, headers } = record
  return {
    topic: 'letters',
    partition: 0,
    offset: 0n,
    key: key === null ? null : Buffer.from(key),
    value,
    headers,
    timestamp: 6000,
    ...place,
  }
}

async function* each<T>(...items: T[]): AsyncGenerator<T> {
  yield* items
}

async function lettersOf(...records: KafkaRecord[]): Promise<DeadLetter[]> {
  return collect(select(each(...records), {}))
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function onlyLetter(...arguments_: Parameters<typeof letterRecord>): Promise<DeadLetter> {
  const [letter] = await lettersOf(await letterRecord(...arguments_))
  if (!letter) throw new Error('no letter')
  return letter
}

async function replay(letters: DeadLetter[], options: Partial<ReplayOptions> = {}, send?: (topic: string) => Promise<never>) {
  const sent: [string, OutgoingRecord][] = []
  const notes: string[] = []
  const done: ReplayDone[] = []
  await replayLetters(
    { inTopics: IN_TOPICS, again: false, dryRun: false, ...options },
    {
      letters: each(...letters),
      replayedAt: (identity) => (identity.startsWith('in:1:99 ') ? '2026-01-01T00:00:00.000Z' : undefined),
      send: async (topic, record) => {
        if (send) return send(topic)
        sent.push([topic, record])
        return { topic, partition: 0, offset: BigInt(sent.length) }
      },
      note: async (letter) => notes.push(letter.key),
      onDone: (each) => done.push(each),
      signal: new AbortController().signal,
    },
  )
  return { sent, notes, outcomes: done.map(({ letter, outcome }) => [letter.key, outcome]), done }
}

test('a replay has the bytes, the key and the headers of the original, and the mark', async () => {
  const value = Buffer.from([0, 255, 1])
  const letter = await onlyLetter({ value, key: Buffer.from('abc'), headers: { origin: 'a test', 'bridge-id': 'other' } })
  expect(toReplay(letter)).toEqual({ key: 'abc', value, headers: { replayed: '1', origin: 'a test', 'bridge-id': 'other' } })
  expect(toReplay(await onlyLetter({ key: null, value: null }))).toEqual({ key: null, value: null, headers: { replayed: '1' } })
  expect(toReplay(await onlyLetter({ key: Buffer.alloc(0) })).key).toBe('')
})

test('a replayed record that is bad again is marked as a replay, however many headers it has', async () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`h${index}`, 'v']))
  const first = await onlyLetter({ headers: many })
  expect(first.isReplay).toBe(false)
  const again = await onlyLetter({ headers: toReplay(first).headers, offset: 8n })
  expect(again.isReplay).toBe(true)
  expect(letterLine(again, undefined)).toContain('was a replay')
  expect(JSON.parse(letterJson(again, undefined))).toMatchObject({ wasReplay: true, replayedAt: null, originalHeaders: { replayed: '1' } })
})

test('a record is sent once, however many groups have written a letter for it', async () => {
  const twice = await lettersOf(await letterRecord(), await letterRecord(), await letterRecord({ offset: 8n }))
  const { sent, notes, outcomes } = await replay(twice)
  expect(outcomes).toEqual([
    ['in:1:7', 'replayed'],
    ['in:1:8', 'replayed'],
  ])
  expect(sent.map(([topic]) => topic)).toEqual(['in', 'in'])
  expect(notes).toEqual(['in:1:7', 'in:1:8'])
})

test('a record at the same place of a topic that was created again is a different one', async () => {
  const { outcomes } = await replay(await lettersOf(await letterRecord(), await letterRecord({ timestamp: 2000 })))
  expect(outcomes).toHaveLength(2)
})

test('letters replayed before, and letters that were replays, are left alone without --again', async () => {
  const letters = [await onlyLetter({ offset: 99n }), await onlyLetter({ offset: 3n, headers: { replayed: '1' } })]
  const { sent, outcomes, done } = await replay(letters)
  expect(outcomes).toEqual([
    ['in:1:99', 'left'],
    ['in:1:3', 'left'],
  ])
  expect(done[0]?.detail).toMatch(/replayed at 2026-01-01.*--again/)
  expect(sent).toEqual([])
  expect((await replay(letters, { again: true })).outcomes).toEqual([
    ['in:1:99', 'replayed'],
    ['in:1:3', 'replayed'],
  ])
})

test('a dry run sends nothing', async () => {
  const { sent, notes, outcomes } = await replay([await onlyLetter()], { dryRun: true })
  expect({ sent, notes, outcomes }).toEqual({ sent: [], notes: [], outcomes: [['in:1:7', 'would-replay']] })
})

test('a letter that cannot be restored is refused, whatever the flags', async () => {
  const cut = await onlyLetter({ value: Buffer.alloc(300_000) }, { refusesWhole: true })
  expect(cut).toMatchObject({ isCut: true, size: 300_000 })
  expect(faultOf(cut, IN_TOPICS)).toMatch(/first 262144 of 300000 bytes/)
  expect((await replay([cut], { again: true, dryRun: true })).outcomes).toEqual([['in:1:7', 'refused']])

  const batch = Object.assign(new Error('one zstd batch'), { reason: 'undecodable-batch' })
  const undecodable = await onlyLetter({}, { error: batch })
  expect(undecodable.reason).toBe('undecodable-batch')
  expect(faultOf(undecodable, IN_TOPICS)).toMatch(/batch that could not be decompressed/)
  expect(faultOf(await onlyLetter({ headers: { [`undecodable-${'0f'.repeat(16)}`]: '' } }), IN_TOPICS)).toMatch(/decompressed/)
  expect(faultOf(await onlyLetter({ topic: 'elsewhere' }), IN_TOPICS)).toMatch(
    /elsewhere is no topic that this bridge reads \(in, other-in\)/,
  )
  expect(faultOf(await onlyLetter({ key: Buffer.from([255, 254]) }), IN_TOPICS)).toMatch(/whole key/)
  expect(faultOf(await onlyLetter({ key: Buffer.from('k'.repeat(501)) }), IN_TOPICS)).toMatch(/whole key/)
  expect(faultOf(await onlyLetter({ headers: { __value_schema_id: '\u0001\ufffd' } }), IN_TOPICS)).toMatch(
    /__value_schema_id.* is not text/,
  )
  expect(faultOf(await onlyLetter(), IN_TOPICS)).toBeUndefined()
})

test('it stops after a batch that Kafka does not accept, and a refused record affects no other', async () => {
  const many = await lettersOf(
    ...(await Promise.all(Array.from({ length: 250 }, (_, index) => letterRecord({ offset: BigInt(1000 + index) })))),
  )
  expect((await replay(many, {}, () => Promise.reject(new Error('away')))).outcomes).toHaveLength(200)
  const refused = await replay(many, {}, () => Promise.reject(new RecordRefusedError('too large')))
  expect(new Set(refused.outcomes.map(([, outcome]) => outcome))).toEqual(new Set(['refused']))
  expect(refused.outcomes).toHaveLength(250)
})

test('notes of earlier replays are not letters, and are matched by the record’s identity', async () => {
  const letter = await onlyLetter()
  const note = asRead(toReplayNote(letter, { replayedAt: '2026-02-02T00:00:00.000Z', network: 'regtest' }))
  expect(await lettersOf(note)).toEqual([])
  const replayedAt = await readNotes(each(await letterRecord(), note))
  expect(replayedAt(identityOf(letter))).toBe('2026-02-02T00:00:00.000Z')
  expect(replayedAt(identityOf(await onlyLetter({ timestamp: 2000 })))).toBeUndefined()
})

test('letters are selected by reason, topic and key; other records are skipped', async () => {
  const records = [
    await letterRecord(),
    await letterRecord({ topic: 'other-in', offset: 1n }, { error: new BadInputError('truncated', '') }),
    asRead({ key: 'somebody', value: Buffer.from('else'), headers: {} }),
    { ...(await letterRecord()), key: null },
  ]
  const keys = async (filter: Parameters<typeof select>[1]) => (await collect(select(each(...records), filter))).map(({ key }) => key)
  expect(await keys({})).toEqual(['in:1:7', 'other-in:1:1'])
  expect(await keys({ reason: 'truncated' })).toEqual(['other-in:1:1'])
  expect(await keys({ topic: 'in' })).toEqual(['in:1:7'])
  const missing = new Set(['in:1:7', 'nowhere:0:0'])
  expect(await collect(named(select(each(...records), {}), [...missing], missing))).toHaveLength(1)
  expect([...missing]).toEqual(['nowhere:0:0'])
})

test('a line cannot control a terminal', async () => {
  const letter = await onlyLetter({ topic: 'in\u001b[31m' }, { error: new BadInputError('not-json', 'bad \u001b[2J\u202e text') })
  expect(letterLine(letter, '\u0007')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(letterJson(letter, '\u0007')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(letterLine(await onlyLetter(), undefined)).toBe('1970-01-01T00:00:06.000Z in:1:7 not-json (1 bytes): "no \\"{\\""')
})

test('a topic is read by time over all partitions, in order within each, up to the end that it had', async () => {
  const record = (partition: number, offset: bigint, timestamp: number) => ({
    ...asRead({ key: null, value: null, headers: {} }),
    partition,
    offset,
    timestamp,
  })
  const partitions = [
    [record(0, 0n, 10), record(0, 1n, 40), record(0, 2n, 35)],
    [record(1, 0n, 20), record(1, 1n, 30), record(1, 2n, 99)],
    [],
  ]
  const readers = partitions.map(
    (records, partition): TopicPartition => ({
      bounds: async () => ({ low: 0n, high: partition === 1 ? 2n : BigInt(records.length) }),
      offsetAt: async (time) => records.find((each) => each.timestamp >= time)?.offset ?? BigInt(records.length),
      // One record at a time, and more than existed at the start.
      read: async (from) => ({ records: records.filter(({ offset }) => offset === from), high: 3n, next: from + 1n }),
    }),
  )
  const read = async (from?: number) => (await collect(recordsByTime(readers, from))).map(({ timestamp }) => timestamp)
  expect(await read()).toEqual([10, 20, 30, 40, 35])
  expect(await read(25)).toEqual([30, 40, 35])
})
