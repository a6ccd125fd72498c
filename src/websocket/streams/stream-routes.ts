import type uWS from 'uWebSockets.js'
import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import { Client } from '../clients/client.ts'
import type { ClientMessageOptions, OffsetOf, Subscription } from '../clients/client-message.ts'
import type { Clients } from '../clients/clients.ts'
import type { Entrance } from '../clients/entrance.ts'
import { ClientMessageError } from '../clients/message-error.ts'
import { parseStreamQuery } from '../clients/query.ts'
import { type AskedHeaders, askedHeaders } from '../http/asked-headers.ts'
import type { RemoteAddress } from '../http/client-address.ts'
import { respondWhen } from '../http/respond-when.ts'
import { sendText, type TextAnswer } from '../http/text-answer.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { tokenInRequest } from '../tokens/token-in-request.ts'
import { answerPreflight, corsHeaders, failure, sendJson } from './answers.ts'
import { EventStream } from './event-stream.ts'
import type { StreamTopics } from './stream-topics.ts'

export interface StreamRoutesDeps {
  readonly entrance: Entrance
  readonly clients: Clients
  readonly sessions: Pick<Sessions, 'opened' | 'subscribe'>
  readonly topics: StreamTopics
  readonly offsetOf: OffsetOf
  readonly log: Logger
  readonly clock: Pick<Clock, 'steady'>
}

const PATH = '/events'
const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  // nginx would hold back events until its buffer is full.
  'X-Accel-Buffering': 'no',
}
/** Between the end of a stream and the next try of a browser: random, so that clients that were sent away together do not return together. */
const retryMs = () => 500 + Math.floor(Math.random() * 1500)

/** `GET /events`: the messages of the subprotocol as server-sent events, for programs and pages without a WebSocket. */
export function addStreamRoutes(app: uWS.TemplatedApp, options: ClientMessageOptions, deps: StreamRoutesDeps): void {
  const { entrance } = deps
  const failed = (error: unknown) => deps.log.error({ err: error }, 'a stream of events failed to open')
  app.get(PATH, (response, request) => {
    const asked = askedHeaders(request)
    const address = entrance.addressOf(response, asked)
    const wanted = wantedOf(request, asked, options, deps)
    if (!('types' in wanted)) return sendJson(response, 'get', wanted)
    respondWhen(response, entrance.enter(tokenOf(request, asked), address), {
      respond(entry) {
        if (entry.refused) sendJson(response, 'get', withCors(failure(entry.refused), asked))
        else open(response, asked, { address, wanted, expiresAt: entry.expiresAt }, deps)
      },
      left: (entry) => entrance.leave(entry, address),
      failed,
    })
  })
  app.head(PATH, (response, request) => {
    const asked = askedHeaders(request)
    const wanted = wantedOf(request, asked, options, deps)
    if (!('types' in wanted)) return sendJson(response, 'head', wanted)
    respondWhen(response, entrance.authorize(tokenOf(request, asked), entrance.addressOf(response, asked)), {
      respond({ refused }) {
        if (refused) sendJson(response, 'head', withCors(failure(refused), asked))
        else sendText(response, 'head', { status: '200 OK', text: '', headers: { ...HEADERS, ...corsHeaders(asked) } })
      },
      left() {},
      failed,
    })
  })
  answerPreflight(app, PATH, deps)
}

function tokenOf(request: uWS.HttpRequest, { authorization }: AskedHeaders): string {
  return tokenInRequest({ authorization, query: request.getQuery() ?? '' })
}

/** The subscription, or the answer to a request that cannot be served. */
function wantedOf(
  request: uWS.HttpRequest,
  asked: AskedHeaders,
  options: ClientMessageOptions,
  { entrance, offsetOf }: StreamRoutesDeps,
): Subscription | TextAnswer {
  const refused = entrance.refuseOrigin(asked)
  if (refused) return failure(refused)
  try {
    return parseStreamQuery({ query: request.getQuery() ?? '', lastEventId: request.getHeader('last-event-id') }, options, offsetOf)
  } catch (error) {
    if (!(error instanceof ClientMessageError)) throw error
    return withCors(failure({ status: '400 Bad Request', text: error.message }), asked)
  }
}

function withCors(answer: TextAnswer, asked: AskedHeaders): TextAnswer {
  return { ...answer, headers: { ...answer.headers, ...corsHeaders(asked) } }
}

function open(
  response: uWS.HttpResponse,
  asked: AskedHeaders,
  { address, wanted, expiresAt }: { address: RemoteAddress; wanted: Subscription; expiresAt: number | null },
  { clients, sessions, topics, clock }: StreamRoutesDeps,
): void {
  for (const [name, value] of Object.entries({ ...HEADERS, ...corsHeaders(asked) })) response.writeHeader(name, value)
  const client = new Client({ address, protocol: 'sse', openedAt: clock.steady(), expiresAt })
  const stream = new EventStream(response, {
    topics,
    onDrain: () => client.drained(),
    onClose: (code, reason) => clients.closed(client, code, reason),
  })
  client.attach(stream)
  clients.opened(client)
  stream.push(`retry: ${retryMs()}\n\n`)
  sessions.opened(client)
  sessions.subscribe(client, wanted)
}
