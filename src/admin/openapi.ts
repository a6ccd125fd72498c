import type { JsonSchema } from './json-schema.ts'
import type { Route } from './route.ts'
import { ANSWER_SCHEMAS } from './routes/schemas.ts'

const JSON_TYPE = 'application/json'

const ERRORS: Readonly<Record<number, string>> = {
  400: 'The request is malformed; nothing was changed',
  401: 'The key is missing or wrong',
  403: 'No key is set, so nothing can be changed',
  404: 'There is no such thing',
  413: 'The body is too large',
  429: 'Too many wrong keys from this address',
  502: 'The peer could not be connected',
  503: 'The bridge cannot do it now; nothing was changed',
}
const OF_CHANGES = [401, 403, 429, 503]

/** The OpenAPI 3.1 document of the routes. */
export function openApiDocument(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) }
  return {
    openapi: '3.1.0',
    info: {
      title: 'gossip-bridge admin API',
      version,
      description:
        'Reading is open. Each change needs the key of admin_api_key. Everything is of this instance; bans are of the whole bridge.',
    },
    paths,
    components: {
      schemas: ANSWER_SCHEMAS,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  }
}

function operationOf(route: Route): Record<string, unknown> {
  const { operation, summary, isChange, parameters = {}, query = {}, body, answer, errors = [] } = route
  const codes = [
    400,
    ...(isChange ? OF_CHANGES : []),
    ...(Object.keys(parameters).length > 0 ? [404] : []),
    ...(body ? [413] : []),
    ...errors,
  ]
  const failures = codes.sort().map((code) => [code, { description: ERRORS[code], content: contentOf('Error') }])
  return {
    operationId: operation,
    summary,
    parameters: [
      ...Object.entries(parameters).map(([name, schema]) => parameter('path', name, schema)),
      ...Object.entries(query).map(([name, schema]) => parameter('query', name, schema)),
      ...(isChange ? [parameter('header', 'x-actor', ACTOR)] : []),
    ],
    ...(body ? { requestBody: { required: true, content: { [JSON_TYPE]: { schema: body } } } } : {}),
    ...(isChange ? { security: [{ bearer: [] }, { apiKey: [] }] } : {}),
    responses: { 200: { description: summary, content: contentOf(answer) }, ...Object.fromEntries(failures) },
  }
}

const ACTOR: JsonSchema = { type: 'string', description: 'Who makes the change, for the audit.', maxLength: 64 }

function parameter(place: 'path' | 'query' | 'header', name: string, schema: JsonSchema) {
  const { description, ...rest } = schema
  return { name, in: place, required: place === 'path', ...(description ? { description } : {}), schema: rest }
}

function contentOf(name: string) {
  return { [JSON_TYPE]: { schema: { $ref: `#/components/schemas/${name}` } } }
}
