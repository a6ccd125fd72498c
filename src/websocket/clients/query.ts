import { TOKEN_PARAMETER } from '../tokens/token-in-request.ts'
import { type ClientMessageOptions, type OffsetOf, parseSubscription, type Subscription } from './client-message.ts'
import { ClientMessageError, shown } from './message-error.ts'

type Values = Readonly<Record<string, string | undefined>>

/** Parts of a filter, which stand in a query by themselves. */
const FILTERS = ['peer', 'minHeight', 'hashPrefix', 'origin'] as const
const BOTH = ['types', ...FILTERS, 'cursor', 'since']
const DEFAULT_LIMIT = 100
const WHOLE_NUMBER = /^\d{1,16}$/

/**
 * The subscription of a stream: `types=block,subtree&minHeight=900000&last=10`. The names are those of `subscribe` and of its `filter`; lists
 * have commas. A stream that is opened again goes on after `lastEventId`; `cursor`, `since` and `last` were for the first time.
 * Throws a ClientMessageError.
 */
export function parseStreamQuery(
  { query, lastEventId }: { query: string; lastEventId: string },
  options: ClientMessageOptions,
  offsetOf: OffsetOf,
): Subscription {
  const values = readQuery(query, [...BOTH, 'last'])
  return subscriptionOf(
    lastEventId === '' ? values : { ...values, cursor: lastEventId, since: undefined, last: undefined },
    options,
    offsetOf,
  )
}

/** The subscription and the limit of a page of events: the first after a cursor or from a time on, else the last ones. */
export function parsePageQuery(
  query: string,
  options: ClientMessageOptions,
  offsetOf: OffsetOf,
): { readonly subscription: Subscription; readonly limit: number } {
  const values = readQuery(query, [...BOTH, 'limit'])
  const limit = values.limit === undefined ? DEFAULT_LIMIT : number(values.limit)
  if (typeof limit !== 'number' || limit < 1 || limit > options.maxLast) {
    throw new ClientMessageError(`limit is ${shown(values.limit)}; it must be a whole number from 1 to ${options.maxLast}`)
  }
  const last = values.cursor === undefined && values.since === undefined ? `${limit}` : undefined
  return { subscription: subscriptionOf({ ...values, last }, options, offsetOf), limit }
}

function subscriptionOf(values: Values, options: ClientMessageOptions, offsetOf: OffsetOf): Subscription {
  const { types, cursor, since, last } = values
  const filter = Object.fromEntries(FILTERS.map((name) => [name, filterPart(name, values[name])]))
  return parseSubscription({ types: types?.split(','), cursor, since: number(since), last: number(last), filter }, options, offsetOf)
}

/** The values of a query, each given once; an empty one counts as not given. The token is for the entrance. */
function readQuery(query: string, names: readonly string[]): Values {
  const values: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === TOKEN_PARAMETER) continue
    if (!names.includes(name)) throw new ClientMessageError(`unknown parameter ${shown(name)}; there are ${names.join(', ')}`)
    if (values[name] !== undefined) throw new ClientMessageError(`${name} is given twice; a list has commas`)
    if (value !== '') values[name] = value
  }
  return values
}

function filterPart(name: (typeof FILTERS)[number], value: string | undefined): unknown {
  if (value === undefined) return null
  if (name === 'peer') return value.split(',')
  return name === 'minHeight' ? number(value) : value
}

/** A number if it looks like one. The check of the property refuses other texts, or reads them as a time. */
function number(value: string | undefined): unknown {
  return value !== undefined && WHOLE_NUMBER.test(value) ? Number(value) : value
}
