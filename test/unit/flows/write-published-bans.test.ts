import { expect, test } from 'vitest'
import { MARKER_KEY, toMarker } from '../../../src/bans/published/published-ban.ts'
import { writePublishedBans } from '../../../src/flows/write-published-bans.ts'
import type { OutgoingRecord } from '../../../src/kafka/record.ts'

const BAN = { key: '10.0.0.1', until: null, reason: 'x', since: 0, cause: '' }
const HEADERS = { type: 'ban', schema: '3', network: 'regtest', 'bridge-id': 'node-a', 'received-at': '1970-01-01T00:00:00.005Z' }

function setUp() {
  const sent: OutgoingRecord[] = []
  const writer = writePublishedBans(
    { network: 'regtest', bridgeId: 'node-a', schema: '3' },
    {
      encode: (ban) => Buffer.from(JSON.stringify(ban)),
      send: async (record) => ({ offset: BigInt(sent.push(record)) }),
      now: () => 5,
    },
  )
  return { sent, writer }
}

test('an entry carries the revision of the list, and none without a database', async () => {
  const { sent, writer } = setUp()
  expect(await writer.write(BAN.key, BAN, 7)).toBe(1n)
  await writer.write(BAN.key, BAN, undefined)
  const value = Buffer.from(JSON.stringify(BAN))
  expect(sent).toEqual([
    { key: BAN.key, value, headers: { ...HEADERS, revision: '7' } },
    { key: BAN.key, value, headers: HEADERS },
  ])
})

test('a lifted ban is a tombstone', async () => {
  const { sent, writer } = setUp()
  await writer.write(BAN.key, null, 8)
  expect(sent).toEqual([{ key: BAN.key, value: null, headers: { ...HEADERS, revision: '8' } }])
})

test('the marker has a key and a type of its own, and its headers can be read back', async () => {
  const { sent, writer } = setUp()
  await writer.writeMarker({ revision: 9, entries: 2 })
  expect(sent[0]).toMatchObject({ key: MARKER_KEY, headers: { type: 'ban-list', network: 'regtest' } })
  expect(toMarker(sent[0]?.headers ?? {})).toEqual({ revision: 9, entries: 2 })
})
