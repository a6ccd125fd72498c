import { canonicalSchema } from '../messages/codec/avro-type.ts'
import { guidOf } from '../messages/codec/schema-name.ts'
import type { SchemaVersion } from '../messages/codec/schemas.ts'
import { VALUE_ROLES, type ValueRole } from '../messages/topics.ts'
import { incompatibilities } from './schema-compatibility.ts'

export interface SchemaRegistryOptions {
  /** Prefix of all paths, for example `/schema-registry`. */
  readonly prefix: string
  /** The effective names of the topics: a subject is `<topic>-value`. */
  readonly topics: Readonly<Record<ValueRole, string>>
  /** The roles that have a subject, all by default. Ids and GUIDs of the others are answered too. */
  readonly roles?: readonly ValueRole[]
}

export interface RegistryRequest {
  readonly method: string
  /** Path with or without a query. */
  readonly path: string
  readonly body?: string
}

export interface RegistryResponse {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'
const COMPATIBILITY = 'BACKWARD'

/** A status with its JSON; errors are in the registry's format. */
type Answer = { readonly status: number; readonly json: unknown }
type Route = (found: RegExpExecArray, body: string | undefined, query: URLSearchParams) => Answer

/**
 * The bridge's schemas under the read-only paths of Confluent's registry, so that every Avro-aware Kafka tool can read the topics
 * without another service. Registering a schema that already exists returns its id, as clients that always register expect; all other
 * changes are refused with 405.
 */
export function createSchemaRegistry(
  { prefix, topics, roles = VALUE_ROLES }: SchemaRegistryOptions,
  { schemas }: { readonly schemas: readonly SchemaVersion[] },
): (request: RegistryRequest) => RegistryResponse {
  const subjects = new Map(roles.map((role) => [`${topics[role]}-value`, schemas.filter((schema) => schema.role === role)]))
  const reads = readRoutes(subjects, schemas)
  const lookups = lookupRoutes(subjects)
  return ({ method, path, body }) => {
    const [bare = '', queryText = ''] = path.split('?')
    const inner = bare.slice(prefix.length).replace(/\/+$/, '') || '/'
    const query = new URLSearchParams(queryText)
    const isRead = method === 'GET' || method === 'HEAD'
    if (!isRead && method !== 'POST') return respond(readOnly())
    return respond(match(isRead ? reads : lookups, inner, body, query) ?? (isRead ? notFound() : readOnly()))
  }
}

function match(
  routes: readonly (readonly [RegExp, Route])[],
  path: string,
  body: string | undefined,
  query: URLSearchParams,
): Answer | undefined {
  for (const [pattern, route] of routes) {
    const found = pattern.exec(path)
    if (found) return route(found, body, query)
  }
  return undefined
}

type Subjects = ReadonlyMap<string, readonly SchemaVersion[]>

function readRoutes(subjects: Subjects, schemas: readonly SchemaVersion[]): [RegExp, Route][] {
  const byId = (id: string, answer: (schema: SchemaVersion) => unknown): Answer => {
    const schema = schemas.find((candidate) => candidate.id === Number(id))
    return schema ? ok(answer(schema)) : error(404, 40403, `Schema ${id} not found`)
  }
  const uses = ({ id }: SchemaVersion) =>
    [...subjects].flatMap(([subject, versions]) =>
      versions.filter((schema) => schema.id === id).map(({ version }) => ({ subject, version })),
    )
  return [
    [/^\/$/, () => ok({})],
    [/^\/contexts$/, () => ok(['.'])],
    [/^\/v1\/metadata\/id$/, () => ok({ scope: { path: [], clusters: {} }, id: '' })],
    [/^\/v1\/metadata\/version$/, () => ok({ version: 'gossip-bridge', commitId: '' })],
    [/^\/subjects$/, (_found, _body, query) => ok(namesOf(subjects, query))],
    [/^\/schemas$/, (_found, _body, query) => ok(allSchemas(subjects, query))],
    [/^\/schemas\/guids\/([^/]+)$/, ([, guid]) => byGuid(schemas, guid)],
    [/^\/subjects\/([^/]+)\/versions$/, ([, name]) => bySubject(subjects, name, (versions) => ok(versions.map(({ version }) => version)))],
    [/^\/subjects\/([^/]+)\/versions\/([^/]+)$/, ([, name, version]) => byVersion(subjects, name, version, described)],
    [
      /^\/subjects\/([^/]+)\/versions\/([^/]+)\/schema$/,
      ([, name, version]) => byVersion(subjects, name, version, (_, schema) => parsed(schema)),
    ],
    [/^\/subjects\/([^/]+)\/versions\/([^/]+)\/referencedby$/, ([, name, version]) => byVersion(subjects, name, version, () => [])],
    [/^\/schemas\/types$/, () => ok(['AVRO'])],
    [/^\/schemas\/ids\/(\d+)$/, ([, id = '']) => byId(id, ({ text }) => ({ schema: text, guid: guidOf(text) }))],
    [/^\/schemas\/ids\/(\d+)\/schema$/, ([, id = '']) => byId(id, parsed)],
    [/^\/schemas\/ids\/(\d+)\/versions$/, ([, id = '']) => byId(id, uses)],
    [/^\/schemas\/ids\/(\d+)\/subjects$/, ([, id = '']) => byId(id, (schema) => uses(schema).map(({ subject }) => subject))],
    [/^\/config(\/[^/]+)?$/, () => ok({ compatibilityLevel: COMPATIBILITY })],
    [/^\/mode(\/[^/]+)?$/, () => ok({ mode: 'READONLY' })],
  ]
}

function lookupRoutes(subjects: Subjects): [RegExp, Route][] {
  return [
    [/^\/subjects\/([^/]+)$/, ([, name], body) => bySchema(subjects, name, body, described, error(404, 40403, 'Schema not found'))],
    [
      /^\/compatibility\/subjects\/([^/]+)\/versions(?:\/([^/]+))?$/,
      ([, name, version], body, query) => compatibility(subjects, { name, version, body, isVerbose: query.get('verbose') === 'true' }),
    ],
    [
      /^\/subjects\/([^/]+)\/versions$/,
      ([, name], body) =>
        bySchema(subjects, name, body, (_, { id, version, text }) => ({ id, version, guid: guidOf(text), schema: text }), readOnly()),
    ],
  ]
}

type Describe = (subject: string, schema: SchemaVersion) => unknown

function described(subject: string, { id, version, text }: SchemaVersion) {
  return { subject, version, id, guid: guidOf(text), schema: text }
}

function byGuid(schemas: readonly SchemaVersion[], guid: string | undefined): Answer {
  const schema = schemas.find(({ text }) => guidOf(text) === guid?.toLowerCase())
  return schema ? ok({ schema: schema.text, guid: guidOf(schema.text) }) : error(404, 40403, `Schema ${guid} not found`)
}

function namesOf(subjects: Subjects, query: URLSearchParams): string[] {
  const start = query.get('subjectPrefix') ?? ''
  return [...subjects.keys()].filter((name) => name.startsWith(start)).sort()
}

function allSchemas(subjects: Subjects, query: URLSearchParams): unknown[] {
  return namesOf(subjects, query).flatMap((subject) => {
    const versions = subjects.get(subject) ?? []
    const wanted = query.get('latestOnly') === 'true' ? versions.slice(-1) : versions
    return wanted.map((schema) => described(subject, schema))
  })
}

interface CompatibilityRequest {
  readonly name: string | undefined
  /** Undefined for all versions. */
  readonly version: string | undefined
  readonly body: string | undefined
  readonly isVerbose: boolean
}

/** A check only: nothing is registered by it. */
function compatibility(subjects: Subjects, { name, version, body, isVerbose }: CompatibilityRequest): Answer {
  const reader = schemaOf(body)
  if (reader === undefined) return error(422, 42201, 'Invalid Avro schema')
  const judge = (texts: readonly string[]) => {
    const messages = incompatibilities(reader, texts)
    return { is_compatible: messages.length === 0, ...(isVerbose ? { messages } : {}) }
  }
  if (version !== undefined) return byVersion(subjects, name, version, (_, { text }) => judge([text]))
  return bySubject(subjects, name, (versions) => ok(judge(versions.map(({ text }) => text))))
}

function parsed({ text }: SchemaVersion): unknown {
  return JSON.parse(text)
}

function bySubject(
  subjects: Subjects,
  name: string | undefined,
  answer: (versions: readonly SchemaVersion[], subject: string) => Answer,
): Answer {
  const subject = decoded(name)
  const versions = subject === undefined ? undefined : subjects.get(subject)
  return versions && subject !== undefined ? answer(versions, subject) : error(404, 40401, `Subject '${subject ?? name}' not found.`)
}

function byVersion(subjects: Subjects, name: string | undefined, version: string | undefined, describe: Describe): Answer {
  return bySubject(subjects, name, (versions, subject) => {
    const isLatest = version === 'latest' || version === '-1'
    if (!isLatest && !/^[1-9]\d{0,9}$/.test(version ?? '')) {
      return error(422, 42202, `The specified version '${version}' is not a valid version id.`)
    }
    const wanted = isLatest ? Math.max(...versions.map((candidate) => candidate.version)) : Number(version)
    const schema = versions.find((candidate) => candidate.version === wanted)
    return schema ? ok(describe(subject, schema)) : error(404, 40402, `Version ${version} not found.`)
  })
}

/** Two schemas are equal when their canonical forms are equal: documentation and layout don't count. */
function bySchema(subjects: Subjects, name: string | undefined, body: string | undefined, describe: Describe, absent: Answer): Answer {
  return bySubject(subjects, name, (versions, subject) => {
    const wanted = wantedSchema(body)
    if (wanted === undefined) return error(422, 42201, 'Invalid Avro schema')
    const schema = versions.find(({ text }) => canonicalSchema(text) === wanted)
    return schema ? ok(describe(subject, schema)) : absent
  })
}

function wantedSchema(body: string | undefined): string | undefined {
  const text = schemaOf(body)
  return text === undefined ? undefined : canonicalSchema(text)
}

/** The schema of a request; undefined if it has none that can be parsed. The answer says so. */
function schemaOf(body: string | undefined): string | undefined {
  try {
    const request: unknown = JSON.parse(body ?? '')
    if (typeof request !== 'object' || request === null || !('schema' in request) || typeof request.schema !== 'string') return undefined
    canonicalSchema(request.schema)
    return request.schema
  } catch {
    return undefined
  }
}

function decoded(segment: string | undefined): string | undefined {
  try {
    return decodeURIComponent(segment ?? '')
  } catch {
    return undefined // an invalid escape names no subject
  }
}

function ok(json: unknown): Answer {
  return { status: 200, json }
}

function notFound(): Answer {
  return error(404, 404, 'HTTP 404 Not Found')
}

function readOnly(): Answer {
  return error(405, 405, 'This registry is read-only: it serves the schemas that belong to this version of the bridge')
}

function error(status: number, code: number, message: string): Answer {
  return { status, json: { error_code: code, message } }
}

function respond({ status, json }: Answer): RegistryResponse {
  return { status, contentType: CONTENT_TYPE, body: JSON.stringify(json) }
}
