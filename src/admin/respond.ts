import type { Logger } from 'pino'
import { AdminError } from './answers.ts'
import { type HandleDeps, handleRequest } from './handle.ts'
import type { HttpAnswer, RawRequest } from './ports.ts'

export interface RespondDeps extends HandleDeps {
  readonly log: Logger
  /** Called for each answer. `operation` is empty where no route was found. */
  readonly onAnswer: (operation: string, status: number) => void
}

const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

/** Answers a request to the API, whatever happens. */
export async function respond(raw: RawRequest, deps: RespondDeps): Promise<HttpAnswer> {
  try {
    const { route, reply } = await handleRequest(raw, deps)
    deps.onAnswer(route.operation, reply.status)
    return jsonAnswer(reply.status, JSON.stringify(reply.body))
  } catch (error) {
    const known = error instanceof AdminError ? error : new AdminError(500, 'internal error: the log of the bridge has it')
    if (known !== error) deps.log.error({ err: error, method: raw.method }, 'a request to the admin API failed')
    deps.onAnswer('', known.status)
    return errorAnswer(known)
  }
}

export function errorAnswer({ status, message, headers }: AdminError): HttpAnswer {
  return jsonAnswer(status, JSON.stringify({ error: message }), headers)
}

export function jsonAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { status, headers: { ...HEADERS, ...headers }, text }
}
