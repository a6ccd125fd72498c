import type { Reply } from './answers.ts'
import type { JsonSchema } from './json-schema.ts'
import type { AdminPorts, Requester } from './ports.ts'

export interface AdminRequest {
  /** The values of the path's parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Checked against the schema of the route. Empty without one. */
  readonly body: Readonly<Record<string, unknown>>
  readonly requester: Requester
}

/** One operation of the API: all that dispatch, checks and the OpenAPI document use. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** `{name}` stands for a parameter. The last parameter may contain slashes. */
  readonly path: string
  readonly operation: string
  readonly summary: string
  /** A change: it needs the key and leaves a line in the log. */
  readonly isChange: boolean
  readonly parameters?: Readonly<Record<string, JsonSchema>>
  readonly query?: Readonly<Record<string, JsonSchema>>
  readonly body?: JsonSchema
  /** The schema of the answer with status 200, by its name in the document. */
  readonly answer: string
  /** Statuses of errors besides those that every route has. */
  readonly errors?: readonly number[]
  handle(request: AdminRequest, ports: AdminPorts): Reply | Promise<Reply>
}

export interface FoundRoute {
  readonly route: Route
  readonly parameters: Readonly<Record<string, string>>
}

/** The routes whose path matches, whatever their methods. Throws URIError when a parameter has invalid escapes. */
export function routesAt(routes: readonly Route[], pathname: string): FoundRoute[] {
  return routes.flatMap((route) => {
    const parameters = match(route.path, pathname)
    return parameters ? [{ route, parameters }] : []
  })
}

function match(pattern: string, pathname: string): Record<string, string> | undefined {
  const [, fixed = '', name] = /^([^{]*)(?:\{(\w+)\})?$/.exec(pattern) ?? []
  if (name === undefined) return pathname === fixed ? {} : undefined
  const rest = pathname.startsWith(fixed) ? pathname.slice(fixed.length) : ''
  return rest === '' ? undefined : { [name]: decodeURIComponent(rest) }
}
