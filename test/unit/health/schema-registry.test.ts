import { describe, expect, it } from 'vitest'
import { createSchemaRegistry, type RegistryRequest } from '../../../src/health/schema-registry.ts'
import { readSchemas } from '../../../src/messages/codec/schemas.ts'
import { VALUE_ROLES, type ValueRole } from '../../../src/messages/topics.ts'

/** The first version of each schema, so that later versions do not change this test. */
const schemas = readSchemas().filter(({ version }) => version === 1)
const topics = Object.fromEntries(VALUE_ROLES.map((role) => [role, `node-a.${role}`])) as Record<ValueRole, string>
const handle = createSchemaRegistry({ prefix: '/schema-registry', topics: { ...topics, bans: 'a/b c' } }, { schemas })

function request(method: RegistryRequest['method'], path: string, body?: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = handle({ method, path: `/schema-registry${path}`, ...(body === undefined ? {} : { body: text }) })
  expect(answer.contentType).toBe('application/vnd.schemaregistry.v1+json')
  return { status: answer.status, json: JSON.parse(answer.body) }
}

const event = schemas.find(({ role }) => role === 'events')
const subject = 'node-a.events-value'
/** Names the schema in headers of records; it must never change. */
const guid = '35c73ee6-369d-051f-8abd-669ca832973b'

describe('the schema registry', () => {
  it('lists a subject for each topic with a schema', () => {
    const { status, json } = request('GET', '/subjects')
    expect(status).toBe(200)
    expect(json).toHaveLength(VALUE_ROLES.length)
    expect(json).toContain(subject)
    expect(json).toContain('a/b c-value')
  })

  it.each([
    ['', {}],
    ['/', {}],
    ['/subjects/node-a.events-value/versions', [1]],
    ['/subjects/a%2Fb%20c-value/versions/', [1]],
    ['/subjects/node-a.events-value/versions/latest?deleted=true', { subject, version: 1, id: 6, guid, schema: event?.text }],
    ['/subjects/node-a.events-value/versions/-1', { subject, version: 1, id: 6, guid, schema: event?.text }],
    ['/subjects/node-a.events-value/versions/1', { subject, version: 1, id: 6, guid, schema: event?.text }],
    ['/subjects/node-a.events-value/versions/1/schema', JSON.parse(event?.text ?? '')],
    ['/schemas/types', ['AVRO']],
    ['/schemas/ids/6?fetchMaxId=false', { schema: event?.text, guid }],
    [`/schemas/guids/${guid}`, { schema: event?.text, guid }],
    ['/contexts', ['.']],
    ['/subjects?subjectPrefix=node-a.ev', [subject]],
    ['/schemas?subjectPrefix=node-a.ev&latestOnly=true', [{ subject, version: 1, id: 6, guid, schema: event?.text }]],
    ['/subjects/node-a.events-value/versions/1/referencedby', []],
    ['/v1/metadata/id', { scope: { path: [], clusters: {} }, id: '' }],
    ['/v1/metadata/version', { version: 'gossip-bridge', commitId: '' }],
    ['/schemas/ids/6/schema', JSON.parse(event?.text ?? '')],
    ['/schemas/ids/6/versions', [{ subject, version: 1 }]],
    ['/schemas/ids/6/subjects', [subject]],
    ['/config', { compatibilityLevel: 'BACKWARD' }],
    ['/config/node-a.events-value?defaultToGlobal=true', { compatibilityLevel: 'BACKWARD' }],
    ['/mode', { mode: 'READONLY' }],
  ])('answers GET %s', (path, json) => {
    expect(request('GET', path)).toEqual({ status: 200, json })
  })

  it.each([
    ['/subjects/other-value/versions', 404, 40401],
    ['/subjects/%ff/versions', 404, 40401],
    ['/subjects/node-a.events-value/versions/2', 404, 40402],
    ['/subjects/node-a.events-value/versions/x', 422, 42202],
    ['/schemas/ids/77', 404, 40403],
    ['/schemas/ids/99999999999999999999', 404, 40403],
    ['/elsewhere', 404, 404],
  ])('answers GET %s with %i and code %i', (path, status, code) => {
    expect(request('GET', path)).toEqual({ status, json: { error_code: code, message: expect.any(String) } })
  })

  it('finds the id of a schema in any layout, and registers only schemas that exist', () => {
    const reworded = JSON.stringify(JSON.parse(event?.text ?? ''), null, 4).replaceAll('"doc": "', '"doc": "Other words. ')
    expect(request('POST', `/subjects/${subject}`, { schema: reworded })).toMatchObject({
      status: 200,
      json: { id: 6, version: 1, subject },
    })
    expect(request('POST', `/subjects/${subject}/versions`, { schema: reworded })).toEqual({
      status: 200,
      json: { id: 6, version: 1, guid, schema: event?.text },
    })
  })

  it.each([
    ['POST', `/subjects/${subject}`, { schema: '"string"' }, 404, 40403],
    ['POST', `/subjects/${subject}/versions`, { schema: '"string"' }, 405, 405],
    ['POST', '/subjects/other-value', { schema: '"string"' }, 404, 40401],
    ['POST', `/subjects/${subject}`, { schema: '{"type":"nonsense"}' }, 422, 42201],
    ['POST', `/subjects/${subject}`, 'no json', 422, 42201],
    ['POST', `/subjects/${subject}`, undefined, 422, 42201],
    ['POST', '/compatibility/subjects/x/versions/latest', {}, 422, 42201],
    ['POST', '/compatibility/subjects/x/versions/latest', { schema: '"string"' }, 404, 40401],
    ['POST', `/compatibility/subjects/${subject}/versions/9`, { schema: '"string"' }, 404, 40402],
    ['PUT', '/config', { compatibility: 'NONE' }, 405, 405],
    ['PUT', '/mode', { mode: 'READWRITE' }, 405, 405],
    ['DELETE', `/subjects/${subject}`, undefined, 405, 405],
  ])('answers %s %s with %s as status %i and code %i', (method, path, body, status, code) => {
    expect(request(method, path, body)).toEqual({ status, json: { error_code: code, message: expect.any(String) } })
  })

  it.each([
    ['the schema itself', () => event?.text, true],
    ['one that reads fewer fields', () => '{"type":"record","name":"Event","namespace":"gossipbridge","fields":[]}', true],
    ['one that needs a field which was never written', () => withField({ name: 'new', type: 'string' }), false],
    ['one with a new field that has a default', () => withField({ name: 'new', type: 'string', default: '' }), true],
    ['another type', () => '"string"', false],
  ])('checks, without registering, whether %s is compatible', (_, text, is_compatible) => {
    for (const path of ['versions/latest', 'versions/1', 'versions'])
      expect(request('POST', `/compatibility/subjects/${subject}/${path}`, { schema: text() })).toEqual({
        status: 200,
        json: { is_compatible },
      })
    const { json } = request('POST', `/compatibility/subjects/${subject}/versions/latest?verbose=true`, { schema: text() })
    expect(json.messages).toHaveLength(is_compatible ? 0 : 1)
    expect(request('GET', `/subjects/${subject}/versions`).json).toEqual([1])
  })

  function withField(field: object): string {
    const parsed = JSON.parse(event?.text ?? '') as { fields: object[] }
    return JSON.stringify({ ...parsed, fields: [...parsed.fields, field] })
  }
})

it('has no subject for a topic in another encoding, and still answers what its ids are', () => {
  const roles = VALUE_ROLES.filter((role) => role !== 'blocks')
  const some = createSchemaRegistry({ prefix: '', topics, roles }, { schemas })
  const get = (path: string) => some({ method: 'GET', path })
  const id = schemas.find(({ role }) => role === 'blocks')?.id
  expect(get('/subjects').body).not.toContain(`"${topics.blocks}-value"`)
  expect(get(`/subjects/${topics.blocks}-value/versions`).status).toBe(404)
  expect(get(`/schemas/ids/${id}`).status).toBe(200)
})
