import { expect, test } from 'vitest'
import { commandCause } from '../../../src/bans/command-cause.ts'

const record = {
  topic: 'ban-commands',
  partition: 0,
  offset: 4n,
  timestamp: 1_700_000_000_000,
  key: Buffer.from('192.0.2.1'),
  value: Buffer.from('{"action":"add"}'),
}

test('a redelivered command has the same identity', () => {
  expect(commandCause({ ...record, key: Buffer.from('192.0.2.1') })).toBe(commandCause(record))
  expect(commandCause(record)).toMatch(/^ban-commands:0:4@1700000000000-[0-9a-f]{16}$/)
})

test.each([
  ['another offset', { offset: 5n }],
  ['the same place in a topic that was created anew', { timestamp: 1_700_000_000_001 }],
  ['other bytes at the same time', { value: Buffer.from('{"action":"remove"}') }],
  ['bytes that moved from the key to the value', { key: Buffer.from('192.0.2.'), value: Buffer.from('1{"action":"add"}') }],
  ['no key', { key: null }],
  ['an empty value', { value: Buffer.alloc(0) }],
  ['no value', { value: null }],
  ['a time before 1970', { timestamp: -9_000_000_000_000_000 }],
])('%s is another command', (_what, change) => {
  expect(commandCause({ ...record, ...change })).not.toBe(commandCause(record))
})
