import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { ADMIN_ROUTES } from '../../../src/admin/admin-api.ts'
import type { JsonSchema } from '../../../src/admin/json-schema.ts'
import { openApiDocument } from '../../../src/admin/openapi.ts'
import { ANSWER_SCHEMAS } from '../../../src/admin/routes/schemas.ts'
import { KEY, PEER, startApi } from './start-api.ts'

interface Operation {
  readonly operationId: string
  readonly parameters: { name: string; in: string; required: boolean }[]
  readonly responses: Record<string, { content: { 'application/json': { schema: JsonSchema } } }>
  readonly security?: unknown
}

const document = openApiDocument(ADMIN_ROUTES, '1.2.3') as { openapi: string; paths: Record<string, Record<string, Operation>> }

test('the document is served, and has exactly the routes', async () => {
  const { ask } = await startApi()
  expect((await ask('GET', '/openapi.json', { headers: {} })).body).toEqual(JSON.parse(JSON.stringify(document)))
  const described = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
  expect(described.sort()).toEqual(ADMIN_ROUTES.map(({ method, path }) => `${method.toLowerCase()} ${path}`).sort())
})

test('a validator of OpenAPI 3.1 finds no fault in the document', async () => {
  const validator = new Validator()
  expect(await validator.validate(JSON.parse(JSON.stringify(document)))).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
  const wrong = { ...document, paths: { 'v1/bans': {} } }
  expect(await new Validator().validate(wrong)).toMatchObject({ valid: false })
})

test('operations have names of their own, their path parameters, and security where they change something', () => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, of]) => ({ path, method, of })),
  )
  const ids = operations.map(({ of }) => of.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { path, method, of } of operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    expect(of.parameters.filter((each) => each.in === 'path').map(({ name }) => name)).toEqual(inPath)
    expect({ path, method, secured: of.security !== undefined }).toEqual({ path, method, secured: method !== 'get' })
  }
})

test('every reference of the document leads to a schema', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name = '']) => name)
  expect(references.length).toBeGreaterThan(20)
  expect(references.filter((name) => !(name in ANSWER_SCHEMAS))).toEqual([])
})

test.each([
  ['GET', '/v1/bans', undefined, 'listBans'],
  ['POST', '/v1/bans', { key: '203.0.113.7' }, 'addBan'],
  ['GET', '/v1/bans/203.0.113.7', undefined, 'checkBan'],
  ['DELETE', '/v1/bans/203.0.113.7', undefined, 'removeBan'],
  ['DELETE', '/v1/bans?confirm=all', undefined, 'clearBans'],
  ['GET', '/v1/peers', undefined, 'listPeers'],
  ['GET', `/v1/peers/${PEER}`, undefined, 'showPeer'],
  ['POST', '/v1/peers', { address: `/ip4/203.0.113.7/tcp/9905/p2p/${PEER}` }, 'connectPeer'],
  ['DELETE', `/v1/peers/${PEER}`, undefined, 'disconnectPeer'],
  ['GET', '/v1/scores?limit=5', undefined, 'listScores'],
  ['GET', '/v1/status', undefined, 'showStatus'],
])('%s %s answers as the document says', async (method, path, body, operation) => {
  const { ask } = await startApi({ scores: { list: async () => [{ peerId: PEER, points: 7, at: 1_700_000_000_000 }] } })
  await ask('POST', '/v1/bans', { body: { key: '2001:db8::/32', permanent: true } })
  const route = ADMIN_ROUTES.find((each) => each.operation === operation)
  const answer = await ask(method, path, { headers: { 'x-api-key': KEY }, ...(body ? { body } : {}) })
  expect(answer.status).toBe(200)
  expect(faultsOf(answer.body, ANSWER_SCHEMAS[route?.answer ?? ''], operation)).toEqual([])
})

test('an error answers as the document says', async () => {
  const { ask } = await startApi()
  expect(faultsOf((await ask('GET', '/v1/bans?limit=x')).body, ANSWER_SCHEMAS.Error, 'error')).toEqual([])
})

/** What of a value is not as its schema says: types, required and unknown fields, values of an enumeration. */
function faultsOf(value: unknown, schema: JsonSchema | undefined, at: string): string[] {
  if (!schema) return [`${at}: no schema`]
  if (schema.$ref) return faultsOf(value, ANSWER_SCHEMAS[schema.$ref.split('/').at(-1) ?? ''], at)
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value
  if (!types.includes(type)) return [`${at} is ${type}, not ${types.join(' or ')}`]
  if (schema.enum && !schema.enum.includes(value as string)) return [`${at} is ${value}`]
  if (type === 'array') return (value as unknown[]).flatMap((item, index) => faultsOf(item, schema.items, `${at}[${index}]`))
  if (type !== 'object') return []
  const { properties = {}, required = [], additionalProperties } = schema
  const fields = value as Record<string, unknown>
  return [
    ...required.filter((name) => !(name in fields)).map((name) => `${at} lacks ${name}`),
    ...Object.entries(fields).flatMap(([name, field]) => {
      if (properties[name]) return faultsOf(field, properties[name], `${at}.${name}`)
      return additionalProperties === false ? [`${at} has ${name}`] : []
    }),
  ]
}
