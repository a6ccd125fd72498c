import type uWS from 'uWebSockets.js'
import type { Entrance } from '../clients/entrance.ts'
import { type AskedHeaders, askedHeaders } from '../http/asked-headers.ts'
import { sendText, type TextAnswer } from '../http/text-answer.ts'

type Headers = Readonly<Record<string, string>>

/** Lets the page read the answer. Its origin has been checked. */
export function corsHeaders({ origin }: AskedHeaders): Headers {
  return origin === '' ? {} : { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' }
}

/** A failure as JSON. */
export function failure({ status, text, headers = {} }: TextAnswer): TextAnswer {
  return { status, text: JSON.stringify({ error: text }), headers }
}

export function sendJson(response: uWS.HttpResponse, method: string, { status, text, headers = {} }: TextAnswer): void {
  sendText(response, method, { status, text, headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers } })
}

/** Before a page of another origin sends a token in a header, its browser asks whether it may (https://fetch.spec.whatwg.org/#cors-preflight-fetch). */
export function answerPreflight(app: uWS.TemplatedApp, path: string, { entrance }: { entrance: Pick<Entrance, 'refuseOrigin'> }): void {
  app.options(path, (response, request) => {
    const asked = askedHeaders(request)
    const refused = entrance.refuseOrigin(asked)
    if (refused) return sendJson(response, 'options', failure(refused))
    const allowed = { 'Access-Control-Allow-Headers': 'authorization, last-event-id', 'Access-Control-Max-Age': '600' }
    sendText(response, 'options', { status: '200 OK', text: '', headers: { ...corsHeaders(asked), ...allowed } })
  })
}
