import type uWS from 'uWebSockets.js'
import { Admission } from '../clients/admission.ts'
import type { ClientMessageOptions, OffsetOf } from '../clients/client-message.ts'
import { type Entrance, tryLater } from '../clients/entrance.ts'
import { ClientMessageError } from '../clients/message-error.ts'
import { parsePageQuery } from '../clients/query.ts'
import { askedHeaders } from '../http/asked-headers.ts'
import type { RemoteAddress } from '../http/client-address.ts'
import { onGetAndHead } from '../http/http-routes.ts'
import type { Refusals } from '../http/refusals.ts'
import type { TextAnswer } from '../http/text-answer.ts'
import { type EventsPage, readEventsPage } from '../sessions/events-page.ts'
import { HistoryBusyError } from '../sessions/replay-slots.ts'
import type { Replays } from '../sessions/replays.ts'
import { tokenInRequest } from '../tokens/token-in-request.ts'
import { answerPreflight, corsHeaders, failure, sendJson } from './answers.ts'

export interface EventsRoutesDeps {
  readonly entrance: Entrance
  readonly refusals: Refusals
  readonly replays: Replays
  readonly offsetOf: OffsetOf
  /** Milliseconds of a steady clock. */
  now(): number
}

interface PageRequest {
  readonly query: string
  readonly token: string
  readonly address: RemoteAddress
  readonly signal: AbortSignal
}

/** Requests in work at one time, in all and of one address; beyond it 503. */
export const EVENTS_AT_ONCE = { maxClients: 200, maxClientsPerAddress: 50, upgradesPerSecond: 1_000 }

/** `GET /v1/events`: past events as JSON, page by page. */
export function addEventsRoutes(app: uWS.TemplatedApp, options: ClientMessageOptions, deps: EventsRoutesDeps): void {
  const places = new Admission(EVENTS_AT_ONCE, { now: () => deps.now() })
  onGetAndHead(app, '/v1/events', (response, request) => {
    const [asked, method, query] = [askedHeaders(request), request.getMethod(), request.getQuery() ?? '']
    const token = tokenInRequest({ ...asked, query })
    const address = deps.entrance.addressOf(response, asked)
    const { network } = address
    const refused = deps.entrance.refuseOrigin(asked)
    if (refused) return sendJson(response, method, failure(refused))
    const cors = corsHeaders(asked)
    const send = (answer: TextAnswer) => sendJson(response, method, { ...answer, headers: { ...answer.headers, ...cors } })
    if (places.admit(network) !== null) return send(failure(tryLater('too many requests at once; try again in a moment')))
    const left = new AbortController()
    response.onAborted(() => left.abort(new Error('the client has left')))
    void answer({ query, token, address, signal: left.signal }, options, deps).then((found) => {
      places.release(network)
      if (!left.signal.aborted) response.cork(() => send(found))
    })
  })
  answerPreflight(app, '/v1/events', deps)
}

/** Never rejects. */
async function answer(request: PageRequest, options: ClientMessageOptions, deps: EventsRoutesDeps): Promise<TextAnswer> {
  const { query, token, address, signal } = request
  try {
    const { refused } = await deps.entrance.authorize(token, address)
    if (refused) return failure(refused)
    const asked = parsePageQuery(query, options, deps.offsetOf)
    const page = await readEventsPage({ ...asked, network: address.network, signal }, deps.replays)
    return { status: '200 OK', text: pageText(page) }
  } catch (error) {
    if (error instanceof ClientMessageError) return failure({ status: '400 Bad Request', text: error.message })
    if (error instanceof HistoryBusyError) return failure(tryLater(error.message))
    if (!signal.aborted) deps.refusals.historyAway(error)
    return failure(tryLater('history cannot be read now; try again later'))
  }
}

/** The events are texts already. */
function pageText({ events, ...rest }: EventsPage): string {
  return `{"events":[${events.join(',')}],${JSON.stringify(rest).slice(1)}`
}
