import { describe, expect, it } from 'vitest'
import { createSchemaRegistry } from '../../../src/health/schema-registry.ts'
import { guidOf } from '../../../src/messages/codec/schema-name.ts'
import { readSchemas, type SchemaVersion } from '../../../src/messages/codec/schemas.ts'
import { RetryLaterError } from '../../../src/messages/errors.ts'
import { VALUE_ROLES, type ValueRole } from '../../../src/messages/topics.ts'
import { createRegistryClient, NOT_REGISTERED, type RegistryClientOptions } from '../../../src/registry/registry-client.ts'
import { eventually } from '../../support/eventually.ts'

const schemas = readSchemas()
const topics = Object.fromEntries(VALUE_ROLES.map((role) => [role, role])) as Record<ValueRole, string>
/** A registry with the same schemas under other ids. */
const elsewhere: SchemaVersion[] = schemas.map((schema) => ({ ...schema, id: schema.id + 1000 }))

interface Call {
  readonly method: string
  readonly path: string
  readonly authorization: string | null
}

function setup(overrides: Partial<RegistryClientOptions> & { answer?: (call: Call) => Response | undefined } = {}) {
  const { answer, ...options } = overrides
  const registry = createSchemaRegistry({ prefix: '/sr', topics }, { schemas: elsewhere })
  const calls: Call[] = []
  const troubles: unknown[] = []
  let time = 0
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const { pathname } = new URL(String(url))
    const call = { method: init?.method ?? 'GET', path: pathname, authorization: new Headers(init?.headers).get('authorization') }
    calls.push(call)
    const given = answer?.(call)
    if (given) return given
    const { status, body } = registry({ ...call, ...(typeof init?.body === 'string' ? { body: init.body } : {}) })
    return new Response(body, { status })
  }
  const client = createRegistryClient(
    { url: 'http://registry.example/sr/', topics, ...options },
    { fetch, clock: { steady: () => time }, onTrouble: (error) => troubles.push(error) },
  )
  return { client, calls, troubles, pass: (ms: number) => (time += ms) }
}

describe('registering', () => {
  it('gives our schemas the ids of the registry, and registers none that exists', async () => {
    const { client, calls } = setup()
    const registered = await client.register(schemas)
    const idsOf = (all: readonly SchemaVersion[]) => all.map(({ id, role }) => `${role} ${id}`).sort()
    expect(idsOf(registered)).toEqual(idsOf(elsewhere))
    expect(calls.every(({ path }) => !path.endsWith('/versions'))).toBe(true)
  })

  it('registers one after the other, in the order of our own ids, so that each new registry gives the same ids', async () => {
    const answer = ({ path }: Call) => (path.endsWith('/versions') ? Response.json({ id: 1 }) : new Response('{}', { status: 404 }))
    const { client, calls } = setup({ answer })
    await client.register(schemas.toReversed())
    const registered = calls.flatMap(({ path }) => /subjects\/(.*)-value\/versions$/.exec(path)?.[1] ?? [])
    expect(registered).toEqual(schemas.toSorted((one, other) => one.id - other.id).map(({ role }) => role))
  })

  it('registers for a command only what it writes', async () => {
    const answer = ({ path }: Call) => (path.endsWith('/versions') ? Response.json({ id: 7 }) : new Response('{}', { status: 404 }))
    const registered = await setup({ answer }).client.register(schemas, { roles: ['banCommands'] })
    expect(new Set(registered.map(({ role, id }) => (role === 'banCommands' ? id : id === NOT_REGISTERED)))).toEqual(new Set([7, true]))
  })

  it('registers missing schemas', async () => {
    const answer = ({ path }: Call) =>
      path.endsWith('/versions') ? Response.json({ id: 4_000_000_000 }) : new Response('{}', { status: 404 })
    const registered = await setup({ answer }).client.register(schemas)
    expect(new Set(registered.map(({ id }) => id))).toEqual(new Set([4_000_000_000]))
  })

  it.each([401, 403])('says with status %i that the user is the fault, and not the schema', async (status) => {
    const answer = () => new Response('{}', { status })
    await expect(setup({ answer }).client.register(schemas)).rejects.toThrow(
      /does not let the bridge look up \w+-value: .*give schema_registry_url a user and password/,
    )
  })

  it('says why a request failed', async () => {
    const answer = () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 192.0.2.1:8081') })
    }
    await expect(setup({ answer }).client.register(schemas)).rejects.toThrow(/fetch failed: connect ECONNREFUSED 192\.0\.2\.1:8081/)
  })

  it('names the refused subject and the reason', async () => {
    const answer = () => Response.json({ error_code: 409, message: 'incompatible' }, { status: 409 })
    await expect(setup({ answer }).client.register(schemas)).rejects.toThrow(/schema of \w+-value \(status 409: incompatible\)/)
  })

  it.each([
    [
      'is away',
      () => {
        throw new TypeError('fetch failed')
      },
    ],
    ['is overloaded', () => new Response('', { status: 503 })],
    ['sends without end', () => new Response('x'.repeat(2 ** 20 + 1))],
  ])('fails with RetryLaterError when the registry %s', async (_, answer) => {
    await expect(setup({ answer }).client.register(schemas)).rejects.toThrow(RetryLaterError)
  })

  it('sends credentials of the URL as basic authentication', async () => {
    const { client, calls } = setup({ url: 'https://user:p%40ss@registry.example/sr' })
    await client.register(schemas)
    expect(calls[0]?.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`)
  })
})

describe('looking up an id', () => {
  it('is pending once, asks once, and then answers from memory', async () => {
    const { client, calls } = setup()
    expect(client.lookup(1006)).toBe('pending')
    expect(client.lookup(1006)).toBe('pending')
    await eventually(() => expect(client.lookup(1006)).toEqual({ schemaText: elsewhere[5]?.text, referenced: [] }))
    expect(calls).toHaveLength(1)
  })

  it('asks for a GUID too, and says so when it fails', async () => {
    const { client, calls } = setup()
    const guid = guidOf(elsewhere[5]?.text ?? '')
    expect(client.lookup(guid)).toBe('pending')
    await eventually(() => expect(client.lookup(guid)).toEqual({ schemaText: elsewhere[5]?.text, referenced: [] }))
    expect(calls.map(({ path }) => path)).toEqual([`/sr/schemas/guids/${guid}`])
    const failing = setup({ answer: () => new Response('{}', { status: 403 }) })
    failing.client.lookup(guid)
    await eventually(() => expect(String(failing.troubles[0])).toContain(`schema ${guid} of the header __value_schema_id`))
  })

  it('keeps the type of a schema that is not Avro', async () => {
    const { client } = setup({ answer: () => Response.json({ schema: '{}', schemaType: 'JSON' }) })
    client.lookup(5)
    await eventually(() => expect(client.lookup(5)).toEqual({ schemaText: '{}', schemaType: 'JSON', referenced: [] }))
  })

  it('asks again for some seconds before it believes that an id is unknown, since registries with followers learn ids late', async () => {
    const { client, calls, pass } = setup({ askAgainMs: 1000, believeUnknownAfterMs: 5000, unknownForMs: 30_000 })
    for (let second = 0; second < 5; second++) {
      expect(client.lookup(5)).toBe('pending')
      await eventually(() => expect(calls).toHaveLength(second + 1))
      await new Promise(setImmediate)
      expect(client.lookup(5)).toBe('pending')
      pass(1000)
    }
    client.lookup(5)
    await eventually(() => expect(client.lookup(5)).toBe('unknown'))
    pass(29_999)
    expect(client.lookup(5)).toBe('unknown')
    expect(calls).toHaveLength(6)
    pass(1)
    expect(client.lookup(5)).toBe('pending')
    expect(calls).toHaveLength(7)
  })

  it('finds an id that comes late', async () => {
    let isThere = false
    const { client, pass } = setup({ answer: () => (isThere ? undefined : new Response('{}', { status: 404 })) })
    expect(client.lookup(1006)).toBe('pending')
    await new Promise(setImmediate)
    isThere = true
    pass(1000)
    await eventually(() => expect(client.lookup(1006)).toEqual({ schemaText: elsewhere[5]?.text, referenced: [] }))
  })

  it.each([401, 403, 500])('stays pending, and reports it, when the registry answers with %i', async (status) => {
    const { client, troubles } = setup({ answer: () => new Response('{}', { status }) })
    expect(client.lookup(5)).toBe('pending')
    await eventually(() => expect(troubles).toHaveLength(1))
    expect(client.lookup(5)).toBe('pending')
  })

  it('asks for few ids at a time, and for none after stop', () => {
    const { client, calls } = setup({ answer: () => undefined })
    for (let id = 0; id < 100; id++) client.lookup(id)
    expect(calls).toHaveLength(4)
    const stopped = setup()
    stopped.client.stop()
    expect(stopped.client.lookup(5)).toBe('pending')
    expect(stopped.calls).toHaveLength(0)
  })

  it('gives up on a registry that does not answer', async () => {
    const fetch: typeof globalThis.fetch = (_, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
    const troubles: unknown[] = []
    const client = createRegistryClient(
      { url: 'http://registry.example', topics, timeoutMs: 10 },
      { fetch, clock: { steady: () => 0 }, onTrouble: (error) => troubles.push(error) },
    )
    client.lookup(5)
    await eventually(() => expect(troubles[0]).toBeInstanceOf(RetryLaterError))
  })
})
