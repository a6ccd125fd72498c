import { expect, test } from 'vitest'
import { canonicalPeerId } from '../../../src/bans/ban-key.ts'
import { verdictsToScores } from '../../../src/flows/verdicts-to-scores.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import { BadInputError, RetryLaterError } from '../../../src/messages/errors.ts'
import type { InvalidContent } from '../../../src/messages/invalid-content.ts'
import type { Offence } from '../../../src/scores/offence.ts'

const HASH = 'ab'.repeat(32)
const PEER = '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'
const record: KafkaRecord = {
  topic: 'invalid-blocks',
  partition: 1,
  offset: 7n,
  key: null,
  value: Buffer.from('x'),
  headers: {},
  timestamp: 0,
}
const verdict: InvalidContent = { kind: 'block', hash: HASH, reason: 'invalid-block', peerId: null, peerUrl: null }

function setUp(content: Partial<InvalidContent>, charge?: (offences: readonly [Offence]) => Promise<'charged'>) {
  const charged: Offence[] = []
  const handle = verdictsToScores(
    { bridgeId: 'a' },
    {
      decode: () => ({ ...verdict, ...content }),
      announcersOf: (kind, hash) => (kind === 'block' && hash === HASH ? [{ peerId: 'anna', dataHubUrl: 'https://anna.example' }] : []),
      peerIdOf: canonicalPeerId,
      charge:
        charge ??
        (async ([offence]) => {
          charged.push(offence)
          return 'charged'
        }),
    },
  )
  return { handle, charged }
}

test('an invalid block is charged to those who announced its hash, with the record as evidence', async () => {
  const { handle, charged } = setUp({ hash: HASH.toUpperCase() })
  expect(await handle(record)).toBe('charged')
  const evidence = { record: 'invalid-blocks:1:7', hash: HASH, reason: 'invalid-block', peerUrl: null }
  expect(charged).toEqual([{ peerId: 'anna', reason: 'invalid_block', cause: `invalid-block:${HASH}`, evidence }])
})

test('a verdict that names the peer charges that one, whoever announced it', async () => {
  const { handle, charged } = setUp({ kind: 'subtree', peerId: PEER })
  expect(await handle(record)).toBe('charged')
  expect(charged).toEqual([expect.objectContaining({ peerId: PEER, reason: 'invalid_subtree' })])
})

test('faults of the infrastructure, unknown hashes and own records charge nobody', async () => {
  for (const [content, outcome] of [
    [{ reason: 'peer_cannot_provide_subtree' }, 'nobodys-fault'],
    [{ hash: 'cd'.repeat(32) }, 'unknown-hash'],
  ] as const) {
    const { handle, charged } = setUp(content)
    expect(await handle(record)).toBe(outcome)
    expect(charged).toEqual([])
  }
  const { handle, charged } = setUp({})
  expect(await handle({ ...record, headers: { 'bridge-id': 'a' } })).toBe('own-bridge')
  expect(charged).toEqual([])
})

test('what is no hash or no peer id is bad input, and a store that is away makes the record wait', async () => {
  await expect(setUp({ hash: 'xyz' }).handle(record)).rejects.toThrow(BadInputError)
  await expect(setUp({ peerId: 'legacy' }).handle(record)).rejects.toThrow(BadInputError)
  const away = async () => {
    throw new RetryLaterError('away')
  }
  await expect(setUp({}, away).handle(record)).rejects.toThrow(RetryLaterError)
})
