import { expect, test } from 'vitest'
import type { BanCommand } from '../../../src/bans/ban-command.ts'
import type { BanOrigin } from '../../../src/bans/ban-origin.ts'
import { commandCause } from '../../../src/bans/command-cause.ts'
import type { BanOutcome } from '../../../src/bans/ports.ts'
import { banCommands } from '../../../src/flows/ban-commands.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import { BadInputError, RetryLaterError } from '../../../src/messages/errors.ts'

const record: KafkaRecord = {
  topic: 'ban-commands',
  partition: 0,
  offset: 42n,
  key: null,
  value: Buffer.from('{"action":"add","key":"192.0.2.1"}'),
  headers: {},
  timestamp: 1_700_000_000_000,
}
const change = { action: 'add', key: '192.0.2.1', until: null, reason: '', changed: true, cause: 'ban-commands:0:42' } as const

function handler(outcome: Partial<BanOutcome> | Error, calls: { command: BanCommand; origin: BanOrigin }[] = []) {
  const decode = ({ value }: { readonly value: Buffer | null }) => {
    if (value === null) throw new BadInputError('null-value', 'no value')
    return JSON.parse(value.toString()) as BanCommand
  }
  return banCommands(
    { bridgeId: 'a' },
    {
      decode,
      apply: async (command, origin) => {
        calls.push({ command, origin })
        if (outcome instanceof Error) throw outcome
        return { change, isRepeated: false, changes: [], ...outcome }
      },
    },
  )
}

test('applies a command with its identity as the cause and its time as the time it was given', async () => {
  const calls: { command: BanCommand; origin: BanOrigin }[] = []
  expect(await handler({}, calls)({ ...record, headers: { 'given-by': 'anna' } })).toBe('applied')
  const origin = { door: 'kafka', who: 'anna', cause: commandCause(record), givenAt: 1_700_000_000_000 }
  expect(calls).toEqual([{ command: { action: 'add', key: '192.0.2.1' }, origin }])
})

test('distinguishes commands without effect from repeated ones', async () => {
  expect(await handler({ change: { ...change, changed: false } })(record)).toBe('unchanged')
  expect(await handler({ isRepeated: true })(record)).toBe('repeated')
})

test('skips records that this bridge wrote itself', async () => {
  const calls: { command: BanCommand; origin: BanOrigin }[] = []
  expect(await handler({}, calls)({ ...record, headers: { 'bridge-id': 'a' } })).toBe('own-bridge')
  expect(calls).toEqual([])
})

test('the errors for bad input and for a store that is away reach the caller unchanged', async () => {
  await expect(handler({})({ ...record, value: null })).rejects.toThrow(BadInputError)
  await expect(handler(new RetryLaterError('away'))(record)).rejects.toThrow(RetryLaterError)
})
