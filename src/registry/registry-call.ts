import { boundedText, failureOf } from '../lifecycle/fetched.ts'
import { callWithDeadline } from '../lifecycle/time.ts'
import { RetryLaterError } from '../messages/errors.ts'

export interface RegistryCallOptions {
  /** Base URL of a registry with Confluent's REST interface. Credentials in it are sent as basic authentication. */
  readonly url: string
  readonly timeoutMs?: number
}

export interface Answered {
  readonly status: number
  /** Null if the answer is no JSON. */
  readonly json: unknown
}

export type RegistryCall = (method: 'GET' | 'POST', path: string, body?: string) => Promise<Answered>

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'
const MAX_ANSWER_BYTES = 1024 * 1024

/** One request with a deadline and a bounded answer. Every transient failure is a RetryLaterError that says why. */
export function createRegistryCall(
  { url, timeoutMs = 5000 }: RegistryCallOptions,
  { fetch = globalThis.fetch }: { fetch?: typeof globalThis.fetch },
  stopped: AbortSignal,
): RegistryCall {
  const { base, headers } = target(url)
  return async (method, path, body) => {
    const request = { method, headers, redirect: 'error', ...(body === undefined ? {} : { body }) } as const
    try {
      const { status, text } = await callWithDeadline({ ms: timeoutMs, what: 'the answer', signal: stopped }, async (signal) => {
        const response = await fetch(base + path, { ...request, signal })
        return { status: response.status, text: await boundedText(response, MAX_ANSWER_BYTES) }
      })
      if (status >= 500 || status === 429) throw new Error(`it answers with status ${status}`)
      return { status, json: parsedOrNull(text) }
    } catch (error) {
      throw new RetryLaterError(`the request to the schema registry at ${base} failed: ${failureOf(error)}`, { cause: error })
    }
  }
}

function target(url: string): { base: string; headers: Record<string, string> } {
  const parsed = new URL(url)
  const headers: Record<string, string> = { accept: CONTENT_TYPE, 'content-type': CONTENT_TYPE }
  if (parsed.username || parsed.password) {
    const credentials = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`
    headers.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
  }
  return { base: `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`, headers }
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // the caller reports the status
  }
}
