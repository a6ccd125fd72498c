import { expect, test } from 'vitest'
import type { PartHealth } from '../../../src/lifecycle/health.ts'
import type { SchemaVersion } from '../../../src/messages/codec/schemas.ts'
import { RetryLaterError } from '../../../src/messages/errors.ts'
import { registerSchemas } from '../../../src/registry/register-schemas.ts'

function setUp(...answers: (SchemaVersion[] | Error)[]) {
  const reports: string[] = []
  const health: PartHealth = { ready: () => reports.push('ready'), notReady: (reason) => reports.push(reason) }
  const stop = new AbortController()
  let asked = 0
  const register = async () => {
    const answer = answers[Math.min(asked++, answers.length - 1)]
    if (answer instanceof Error) throw answer
    return answer ?? []
  }
  const registered = (retryMs: number) => registerSchemas([], { roles: [] }, { client: { register }, health, signal: stop.signal, retryMs })
  return { reports, stop, registered, asked: () => asked }
}

test('waits for a registry that is unavailable, and reports the reason meanwhile', async () => {
  const schemas: SchemaVersion[] = []
  const { reports, registered } = setUp(new RetryLaterError('no answer'), new RetryLaterError('status 503'), schemas)
  expect(await registered(1)).toBe(schemas)
  expect(reports).toEqual(['no answer', 'status 503', 'ready'])
})

test('rejects at once when the registry refuses a schema', async () => {
  const { registered, asked } = setUp(new Error('refused'))
  await expect(registered(1)).rejects.toThrow('refused')
  expect(asked()).toBe(1)
})

test('rejects when the start is given up, without another request', async () => {
  const { stop, registered, asked } = setUp(new RetryLaterError('no answer'))
  const outcome = registered(60_000)
  stop.abort(new Error('given up'))
  await expect(outcome).rejects.toThrow('given up')
  expect(asked()).toBe(1)
})
