import type uWS from 'uWebSockets.js'
import { utf8 } from '../utf8.ts'

export interface TextAnswer {
  /** Like `404 Not Found`. */
  readonly status: string
  /** Without the line end. */
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Headers of every answer that is not a page: a browser neither guesses its type nor shows it in a frame. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}

/** Answers with a line of text, and a HEAD request with its headers only. `method` is in lower case. */
export function sendText(response: uWS.HttpResponse, method: string, { status, text, headers = {} }: TextAnswer): void {
  response.writeStatus(status)
  for (const [name, value] of Object.entries({ ...HEADERS, ...headers })) response.writeHeader(name, value)
  if (method !== 'head') response.end(utf8(text))
  // We write the length as a header: if it is an argument, the library waits for a body that never comes.
  else response.writeHeader('Content-Length', `${Buffer.byteLength(text)}`).endWithoutBody()
}
