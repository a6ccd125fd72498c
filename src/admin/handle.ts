import { parseUrl } from '../addresses/url.ts'
import { callWithDeadline, DeadlineError } from '../lifecycle/time.ts'
import { BadInputError, RetryLaterError } from '../messages/errors.ts'
import { actorOf } from './actor.ts'
import { AdminError, badRequest, type Reply } from './answers.ts'
import { checkBody } from './json-schema.ts'
import type { KeyGate } from './key-gate.ts'
import type { AdminPorts, RawRequest, Requester } from './ports.ts'
import { type FoundRoute, type Route, routesAt } from './route.ts'

export interface HandleDeps {
  readonly routes: readonly Route[]
  readonly ports: AdminPorts
  /** By which door requests come in. */
  readonly door: Requester['door']
  readonly gate: Pick<KeyGate, 'check'>
  /** Ends the work when the bridge stops. */
  readonly signal: AbortSignal
}

/** Upper bound on the work for one request. A change that takes longer may have taken effect all the same. */
const WORK_DEADLINE_MS = 10_000

/** Finds the route, checks the key and the input, and does the work. Throws AdminError for all that is the client's fault. */
export async function handleRequest(raw: RawRequest, deps: HandleDeps): Promise<{ route: Route; reply: Reply }> {
  const { route, parameters, query } = findRoute(raw, deps.routes)
  if (route.isChange) deps.gate.check(raw.headers, raw.address)
  for (const name of query.keys()) {
    if (!Object.hasOwn(route.query ?? {}, name))
      throw badRequest(`the query has an unknown parameter ${JSON.stringify(name.slice(0, 100))}`)
    if (query.getAll(name).length > 1) throw badRequest(`the query has ${name} more than once`)
  }
  const body = route.body ? checkBody(route.body, parsed(await raw.readBody())) : {}
  const requester = { door: deps.door, address: raw.address, actor: actorOf(raw.headers['x-actor']) }
  const work = async () => route.handle({ parameters, query, body, requester }, deps.ports)
  const limit = { ms: WORK_DEADLINE_MS, what: route.summary, signal: deps.signal }
  try {
    return { route, reply: await callWithDeadline(limit, work) }
  } catch (error) {
    throw asAdminError(error)
  }
}

function findRoute({ method, target }: RawRequest, routes: readonly Route[]): FoundRoute & { query: URLSearchParams } {
  const url = parseUrl(target, 'http://admin')
  if (!url || !target.startsWith('/')) throw badRequest('the request target is not a path')
  const found = routesThere(routes, url.pathname)
  if (found.length === 0) throw new AdminError(404, `there is nothing at ${url.pathname.slice(0, 200)}: see /openapi.json`)
  const asked = method === 'HEAD' ? 'GET' : method
  const match = found.find(({ route }) => route.method === asked)
  if (match) return { ...match, query: url.searchParams }
  const allow = [...new Set(found.map(({ route }) => route.method))].join(', ')
  throw new AdminError(405, `${method} is not allowed there: ${allow}`, { allow })
}

function routesThere(routes: readonly Route[], pathname: string): FoundRoute[] {
  try {
    return routesAt(routes, pathname)
  } catch {
    throw badRequest('the path has an invalid percent escape')
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('the body is not JSON')
  }
}

function asAdminError(error: unknown): unknown {
  if (error instanceof BadInputError) return badRequest(error.message)
  if (error instanceof RetryLaterError) return new AdminError(503, error.message, { 'retry-after': '2' })
  if (error instanceof DeadlineError) return new AdminError(503, `${error.message}: it may still take effect`, { 'retry-after': '2' })
  return error
}
