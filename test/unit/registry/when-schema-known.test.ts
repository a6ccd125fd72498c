import { expect, test } from 'vitest'
import { BadInputError, RetryLaterError } from '../../../src/messages/errors.ts'
import { whenSchemaKnown } from '../../../src/registry/when-schema-known.ts'

test('waits until the schema is known', async () => {
  let looks = 0
  const decode = () => {
    looks += 1
    if (looks < 3) throw new RetryLaterError('pending')
    return 'value'
  }
  expect(await whenSchemaKnown(decode, { clock: { steady: () => 0 } })).toBe('value')
})

test('gives up when the registry does not answer in time, and at once on bad input', async () => {
  let now = 0
  const pending = () => {
    now += 10_000
    throw new RetryLaterError('pending')
  }
  await expect(whenSchemaKnown(pending, { clock: { steady: () => now } })).rejects.toThrow('pending')
  expect(now).toBe(20_000)
  const bad = () => {
    throw new BadInputError('truncated', 'too short')
  }
  await expect(whenSchemaKnown(bad, { clock: { steady: () => 0 } })).rejects.toThrow('too short')
})
