import type uWS from 'uWebSockets.js'
import { sendText } from './text-answer.ts'

/** A file of the dashboard, read once at start: no part of a request becomes a path on disk. */
export interface PageFile {
  readonly contentType: string
  readonly body: Uint8Array
  /** With quotes, as in the header. */
  readonly etag: string
  /** Pages of other sites may load it too. Left out: only the dashboard may. */
  readonly isForAll?: boolean
}

/**
 * The page may load from and connect to this server only, run no inline script, and, in Chromium, assign no text as HTML (trusted
 * types). So text that strangers write into announcements stays text.
 */
const PAGE_HEADERS: readonly (readonly [string, string])[] = [
  [
    'Content-Security-Policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
      "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  ],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Permissions-Policy', 'camera=(), geolocation=(), microphone=()'],
]

const FOR_THE_DASHBOARD: typeof PAGE_HEADERS = [['Cross-Origin-Resource-Policy', 'same-origin']]
/** A browser imports a module of another site only with the first one. */
const FOR_ALL: typeof PAGE_HEADERS = [
  ['Access-Control-Allow-Origin', '*'],
  ['Cross-Origin-Resource-Policy', 'cross-origin'],
]

/** Plain HTTP: `/health`, the dashboard's files, and 404 or 405 for other requests. HEAD is answered like GET, without the body. */
export function addHttpRoutes(app: uWS.TemplatedApp, pages: ReadonlyMap<string, PageFile>): void {
  onGetAndHead(app, '/health', (response, request) => sendText(response, request.getMethod(), { status: '200 OK', text: 'OK' }))
  for (const [path, file] of pages) {
    app.get(path, (response, request) => sendFile(response, file, request.getHeader('if-none-match'), true))
    app.head(path, (response, request) => sendFile(response, file, request.getHeader('if-none-match'), false))
  }
  app.any('/*', (response, request) => {
    const method = request.getMethod()
    if (method === 'get' || method === 'head') sendText(response, method, { status: '404 Not Found', text: 'not found\n' })
    else sendText(response, method, { status: '405 Method Not Allowed', text: 'only GET and HEAD\n', headers: { Allow: 'GET, HEAD' } })
  })
}

export function onGetAndHead(
  app: uWS.TemplatedApp,
  path: string,
  answer: (response: uWS.HttpResponse, request: uWS.HttpRequest) => void,
): void {
  app.get(path, answer)
  app.head(path, answer)
}

function sendFile(response: uWS.HttpResponse, file: PageFile, ifNoneMatch: string, withBody: boolean): void {
  const isFresh = ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === file.etag || tag.trim() === '*')
  if (isFresh) response.writeStatus('304 Not Modified')
  for (const [name, value] of [...PAGE_HEADERS, ...(file.isForAll ? FOR_ALL : FOR_THE_DASHBOARD)]) response.writeHeader(name, value)
  // Browsers cache the page but revalidate it each time, so they load a new version at once.
  response.writeHeader('ETag', file.etag).writeHeader('Cache-Control', 'no-cache')
  if (isFresh) response.endWithoutBody()
  else if (withBody) response.writeHeader('Content-Type', file.contentType).end(file.body)
  // We write the length as a header: if it is an argument, the library waits for a body that never comes.
  else response.writeHeader('Content-Type', file.contentType).writeHeader('Content-Length', `${file.body.byteLength}`).endWithoutBody()
}
