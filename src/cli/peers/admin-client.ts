import { urlHost } from '../../addresses/host-port.ts'
import type { Settings } from '../../config/settings.ts'
import { CommandError } from '../context.ts'

export interface AdminCall {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
}

const DEADLINE_MS = 20_000

/** One request to the admin API of the bridge with these settings. Throws CommandError with what the bridge said, or why it did not answer. */
export async function askAdmin(settings: Settings, { method, path, body }: AdminCall): Promise<unknown> {
  const address = settings.admin_listen_address
  if (address === null)
    throw new CommandError('admin_listen_address is not set: it names the admin API of the bridge, such as 127.0.0.1:9910.')
  const isEverywhere = address.host === null || address.host === '0.0.0.0' || address.host === '::'
  const url = `http://${isEverywhere ? 'localhost' : urlHost(address.host ?? '')}:${address.port}${path}`
  const headers = { 'x-api-key': settings.admin_api_key, connection: 'close' }
  let answer: { status: number; text: string }
  try {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(url, { method, headers, redirect: 'error', signal: AbortSignal.timeout(DEADLINE_MS), ...sent })
    answer = { status: response.status, text: await response.text() }
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause)
    throw new CommandError(
      `No bridge answers at ${url} (${reason}). Does one run with this admin_listen_address and the roles relay and admin?`,
      { cause },
    )
  }
  const content = parsed(answer.text)
  if (content === undefined) throw new CommandError(`What answers at ${url} is no bridge: check admin_listen_address.`)
  if (answer.status === 200) return content
  throw new CommandError(`The bridge answers ${answer.status}: ${errorIn(content)}.`)
}

/** Undefined for text that is no object in JSON, as all answers of a bridge are. */
function parsed(text: string): object | undefined {
  try {
    const content: unknown = JSON.parse(text)
    return typeof content === 'object' && content !== null ? content : undefined
  } catch {
    return undefined
  }
}

function errorIn(content: object): string {
  return 'error' in content ? String(content.error) : 'that is no answer of a bridge'
}
