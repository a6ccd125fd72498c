import { expect, test } from 'vitest'
import { settingsDocument } from '../../../src/config/printing/document.ts'
import { effectiveSettings, laterSentence, secretValues } from '../../../src/config/printing/effective.ts'
import { flagName } from '../../../src/config/setting.ts'
import { SETTING_GROUPS, SETTING_NAMES, SETTINGS } from '../../../src/config/settings.ts'
import { topicEncodings, topicNames } from '../../../src/config/topic-names.ts'
import { readingOf, settingsOf } from '../../support/bridge/settings.ts'

test('no setting stands in two groups', () => {
  expect(SETTING_GROUPS.flatMap(({ settings }) => Object.keys(settings))).toEqual(SETTING_NAMES)
})

test('every setting has a row of its own, with as many cells as the head', () => {
  const rows = settingsDocument()
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  expect(rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1])).toEqual(SETTING_NAMES)
  for (const row of rows) expect(row.match(/(?<!\\)\|/g), row).toHaveLength(5)
})

test.each([
  ['p2p_bootstrapAddresses', '--p2p-bootstrap-addresses'],
  ['securityLevelHTTP', '--security-level-http'],
  ['server_certFile', '--server-cert-file'],
  ['p2p_private_key', '--p2p-private-key-file'],
] as const)('the flag of %s is %s', (name, flag) => {
  expect(flagName(name, SETTINGS[name])).toBe(flag)
})

test('no two settings share a flag', () => {
  const flags = SETTING_NAMES.map((name) => flagName(name, SETTINGS[name]))
  expect(new Set(flags).size).toBe(flags.length)
})

test('the effective settings show where each comes from, and no secret', () => {
  const key = 'ab'.repeat(32)
  const lines = effectiveSettings(
    readingOf({ environment: { P2P_SHARED_KEY: key, BANLIST_DB: 'postgres://u:hunter2@db/x' }, flags: { p2p_port: '7000' } }),
  )
  expect(lines).toContain('P2P_PORT="7000"  # --p2p-port')
  expect(lines).toContain('P2P_SHARED_KEY=[secret]  # environment P2P_SHARED_KEY')
  expect(lines).toContain('BANLIST_DB="postgres://redacted:redacted@db/x"  # environment BANLIST_DB')
  expect(lines).toContain('BRIDGE_ID="gossip-bridge"  # default: clientName')
  expect(lines.join('\n')).not.toMatch(/hunter2|abab/)
  expect(lines).toHaveLength(SETTING_NAMES.length)
})

test('the secrets themselves are known to whoever keeps them out of the logs', () => {
  const key = 'ab'.repeat(32)
  const reading = readingOf({ environment: { P2P_SHARED_KEY: key, BANLIST_DB: 'postgres://u:p%40ss@db/x' } })
  expect(secretValues(reading)).toEqual([key, 'p%40ss', 'p@ss'])
})

test('settings without effect are said in one sentence, when they are set', () => {
  expect(laterSentence(readingOf({}))).toBeUndefined()
  expect(laterSentence(readingOf({ environment: { P2P_GRPCADDRESS: 'a:2' } }))).toBe(
    'accepted, but without effect in this version: p2p_grpcAddress',
  )
})

test('topic names carry the prefix, and each role has its encoding', () => {
  const settings = settingsOf({ TOPIC_PREFIX: 'a.', KAFKA_TOPIC_REJECTED_TX: 'rejects', ENCODING_INVALID_BLOCKS: 'json' })
  expect(topicNames(settings)).toMatchObject({ rejectedTx: 'a.rejects', deadLetters: 'a.p2p-dead-letters', events: 'a.p2p-events' })
  expect(topicEncodings(settings)).toMatchObject({ invalidBlocks: 'json', events: 'avro' })
  expect(topicNames(settingsOf({ TOPIC_SUFFIX: '-teranode1' }))).toMatchObject({ blocks: 'blocks-teranode1' })
})

test('only the topics that Teranode has can be in its encoding, and no name of a topic is longer than Kafka takes', () => {
  expect(topicEncodings(settingsOf({ ENCODING_BLOCKS: 'protobuf' }))).toMatchObject({ blocks: 'protobuf', subtrees: 'avro' })
  expect(() => settingsOf({ ENCODING_EVENTS: 'protobuf' })).toThrow('encoding_events is "protobuf"')
  const long = { TOPIC_PREFIX: 'a'.repeat(40), TOPIC_SUFFIX: 'b'.repeat(40), KAFKA_TOPIC_BLOCKS: 'c'.repeat(170) }
  expect(() => settingsOf(long)).toThrow('kafka_topic_blocks makes a topic name of 250 characters')
})
