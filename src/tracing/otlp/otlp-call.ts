import { boundedText, failureOf } from '../../lifecycle/fetched.ts'
import { callWithDeadline } from '../../lifecycle/time.ts'

export interface OtlpCallOptions {
  /** The collector's base URL, or the whole one with `/v1/traces`. Credentials in it are sent as basic authentication. */
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
}

export type OtlpAnswer =
  | { readonly outcome: 'taken'; readonly rejected: number; readonly reason: string }
  /** Another attempt may succeed, no sooner than after `afterMs`. */
  | { readonly outcome: 'later'; readonly afterMs: number; readonly reason: string }
  | { readonly outcome: 'refused'; readonly reason: string }

export type OtlpCall = (body: string, signal: AbortSignal) => Promise<OtlpAnswer>

const PATH = '/v1/traces'
const DEADLINE_MS = 10_000
const MAX_ANSWER_BYTES = 64 * 1024
/** The only ones after which the protocol lets a client try again. */
const TRANSIENT = [429, 502, 503, 504]
const LONGEST_WAIT_MS = 30_000

/** Sends one batch of spans to the collector. Never rejects. */
export function createOtlpCall(
  { endpoint, headers }: OtlpCallOptions,
  { fetch = globalThis.fetch }: { fetch?: typeof globalThis.fetch },
): OtlpCall {
  const { url, authorization } = target(endpoint)
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization, ...headers },
    redirect: 'error',
  } as const
  return async (body, signal) => {
    try {
      return await callWithDeadline({ ms: DEADLINE_MS, what: 'the answer', signal }, async (aborted) => {
        const response = await fetch(url, { ...request, body, signal: aborted })
        return answerOf(response, await boundedText(response, MAX_ANSWER_BYTES))
      })
    } catch (error) {
      return { outcome: 'later', afterMs: 0, reason: failureOf(error) }
    }
  }
}

function target(endpoint: string) {
  const url = new URL(endpoint)
  const { username, password } = url
  url.username = ''
  url.password = ''
  const path = url.pathname.replace(/\/+$/, '')
  url.pathname = path.endsWith(PATH) ? path : path + PATH
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const authorization = username || password ? { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } : {}
  return { url: url.href, authorization }
}

function answerOf({ status, headers }: Response, text: string): OtlpAnswer {
  if (status >= 200 && status < 300) return taken(text)
  const reason = `it answers with status ${status}`
  if (!TRANSIENT.includes(status)) return { outcome: 'refused', reason }
  const seconds = Number(headers.get('retry-after') ?? '0')
  return { outcome: 'later', afterMs: Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0) * 1000, LONGEST_WAIT_MS) : 0, reason }
}

/** A collector may take a batch and leave out some of its spans. */
function taken(text: string): OtlpAnswer {
  const { rejectedSpans, errorMessage } = partialSuccess(text)
  const rejected = Number(rejectedSpans ?? 0)
  return { outcome: 'taken', rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0, reason: String(errorMessage ?? '') }
}

function partialSuccess(text: string): { rejectedSpans?: unknown; errorMessage?: unknown } {
  try {
    return (JSON.parse(text) as { partialSuccess?: object } | null)?.partialSuccess ?? {}
  } catch {
    return {} // some collectors answer with an empty text
  }
}
