import type uWS from 'uWebSockets.js'
import type { AskedHeaders } from '../http/asked-headers.ts'
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
