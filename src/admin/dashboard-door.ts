import type { Logger } from 'pino'
import { AdminError } from './answers.ts'
import type { KeyGate } from './key-gate.ts'
import type { BridgeStatus, DashboardDoor, HttpAnswer, RawRequest } from './ports.ts'
import { errorAnswer, jsonAnswer, respond } from './respond.ts'
import { BAN_ROUTES } from './routes/bans.ts'
import { isFromOwnPage, isOnThisHost } from './status/from-where.ts'
import type { StatusBoard } from './status/status-board.ts'
import { summaryOf } from './status/summary.ts'

export interface DashboardDoorOptions {
  /** `dashboard_status`. `auto`: full for somebody on this host, a summary for all others. */
  readonly show: 'auto' | 'full' | 'summary' | 'off'
  /** `dashboard_admin`. */
  readonly mayChange: boolean
}

export interface DashboardDoorDeps {
  readonly board: Pick<StatusBoard, 'status' | 'ports' | 'outdate'>
  readonly gate: Pick<KeyGate, 'check'>
  readonly log: Logger
  readonly onAnswer: (operation: string, status: number) => void
  readonly signal: AbortSignal
}

/** What the page may change: it adds and removes single bans. */
const CHANGES = BAN_ROUTES.filter(({ operation }) => operation === 'addBan' || operation === 'removeBan')

/**
 * What the dashboard's page reads and changes: the status, and single bans. Changes go through the handlers and the key of the HTTP
 * admin API, and only from the page itself.
 */
export function createDashboardDoor(options: DashboardDoorOptions, deps: DashboardDoorDeps): DashboardDoor {
  const texts = new StatusTexts(options, deps)
  return {
    async respond(raw) {
      try {
        if (raw.target === '/v1/status') return await texts.answer(raw)
        return await change(raw, options, deps)
      } catch (error) {
        if (error instanceof AdminError) return errorAnswer(error)
        deps.log.error({ err: error }, 'a request of the dashboard failed')
        return errorAnswer(new AdminError(500, 'internal error: the log of the bridge has it'))
      }
    },
  }
}

async function change(raw: RawRequest, { mayChange }: DashboardDoorOptions, deps: DashboardDoorDeps): Promise<HttpAnswer> {
  const { board } = deps
  if (!mayChange) throw new AdminError(404, 'nothing is changed here: dashboard_admin is off, and the admin API has a port of its own')
  if (!isFromOwnPage(raw.headers)) throw new AdminError(403, 'changes are taken from the page of this bridge only')
  const ports = board.ports()
  if (!ports) throw new AdminError(503, 'the ban list is not there yet: the bridge starts', { 'retry-after': '2' })
  const answer = await respond(raw, { ...deps, ports, routes: CHANGES, door: 'dashboard' })
  board.outdate()
  return answer
}

/** The status as text, written once for all who ask. */
class StatusTexts {
  readonly #options: DashboardDoorOptions
  readonly #deps: Pick<DashboardDoorDeps, 'board'>
  #written: { readonly of: BridgeStatus; readonly full: string; readonly summary: string } | undefined

  constructor(options: DashboardDoorOptions, deps: Pick<DashboardDoorDeps, 'board'>) {
    this.#options = options
    this.#deps = deps
  }

  async answer({ method, headers, address }: RawRequest): Promise<HttpAnswer> {
    const { show } = this.#options
    if (method !== 'GET' && method !== 'HEAD')
      throw new AdminError(405, `${method} is not allowed there: GET, HEAD`, { allow: 'GET, HEAD' })
    if (show === 'off') throw new AdminError(404, 'the status is not shown here: dashboard_status is off')
    const isFull = show === 'full' || (show === 'auto' && isOnThisHost(headers, address))
    const texts = await this.#texts()
    return jsonAnswer(200, isFull ? texts.full : texts.summary)
  }

  async #texts() {
    const status = await this.#deps.board.status()
    if (this.#written?.of !== status) {
      const { mayChange } = this.#options
      const written = (shown: BridgeStatus) => JSON.stringify({ ...shown, mayChange })
      this.#written = { of: status, full: written(status), summary: written(summaryOf(status)) }
    }
    return this.#written
  }
}
