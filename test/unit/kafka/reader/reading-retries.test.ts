import { expect, test } from 'vitest'
import { ReadingRetries } from '../../../../src/kafka/reader/reading-retries.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { DeadlineError } from '../../../../src/lifecycle/time.ts'

function retries() {
  const signal = new AbortController().signal
  return new ReadingRetries({ topic: 'bans', deadlineMs: 150, brokers: ['kafka-1:9092'] }, { clock: SYSTEM_CLOCK, signal })
}

test('the failure of the last attempt that had an answer is told, not that of the one which the deadline cut off', async () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { name: 'KafkaJSConnectionError' })
  let attempts = 0
  const request = () => {
    attempts += 1
    return attempts === 1 ? Promise.reject(refused) : new Promise<never>(() => {})
  }
  const error = await retries()
    .ask(request)
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(DeadlineError)
  expect(error).toMatchObject({ message: expect.stringContaining('connect ECONNREFUSED'), cause: refused })
})

test('a broker that says nothing at all is told as one', async () => {
  await expect(retries().ask(() => new Promise<never>(() => {}))).rejects.toThrow(
    /does not answer \(reading bans took longer than \d+ ms\)/,
  )
})
