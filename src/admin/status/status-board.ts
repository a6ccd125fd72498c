import type { ReadBanEvidence } from '../../bans/ports.ts'
import type { Clock } from '../../lifecycle/clock.ts'
import type { Health } from '../../lifecycle/health.ts'
import { withDeadline } from '../../lifecycle/time.ts'
import { timeText } from '../../lifecycle/time-text.ts'
import type { AdminPorts, BridgeStatus, BrowsersStatus, InstanceInfo, KafkaStatus, PendingStatus, ScoresAdmin } from '../ports.ts'
import { shownBan } from '../routes/bans.ts'
import { shownPeer } from '../routes/peers.ts'
import { EvidenceOfBans } from './evidence-of-bans.ts'

export interface StatusFacts {
  readonly version: string
  readonly bridgeId: string
  readonly instanceId: string
  readonly network: string
  readonly roles: readonly string[]
}

/** What the parts tell of themselves. */
export interface StatusSources {
  readonly peerId: string
  /** What operators change: only where there are peers. */
  readonly ports: Omit<AdminPorts, 'status'>
  readonly instances: () => readonly InstanceInfo[]
  readonly isPrimary: () => boolean
  readonly pending: () => PendingStatus
  readonly browsers: () => BrowsersStatus
  readonly kafka: () => Promise<KafkaStatus>
  readonly isDatabaseUp: () => Promise<boolean>
  readonly evidence: ReadBanEvidence
}

export interface StatusBoardDeps {
  readonly health: Pick<Health, 'report'>
  readonly clock: Pick<Clock, 'wall' | 'steady'>
}

/** However many ask, the status is put together once in this time. */
const KEPT_MS = 1000
/** The scores come from a database, which may be away. */
const SCORES_WITHIN_MS = 1000
const MOST_SCORES = 1000
const MOST_PEERS = 300
const MOST_BANS = 100

/**
 * The status of this instance, for all doors. A part hands in its source when it exists, so there is a status from the first moment of a
 * start. What no part tells is null: an `edge` has neither peers nor bans.
 */
export class StatusBoard {
  readonly #facts: StatusFacts
  readonly #deps: StatusBoardDeps
  readonly #startedAt: number
  readonly #evidence = new EvidenceOfBans()
  #sources: Partial<StatusSources> = {}
  #kept: { readonly at: number; readonly status: Promise<BridgeStatus> } | undefined

  constructor(facts: StatusFacts, deps: StatusBoardDeps) {
    this.#facts = facts
    this.#deps = deps
    this.#startedAt = deps.clock.steady()
  }

  provide(sources: Partial<StatusSources>): void {
    this.#sources = { ...this.#sources, ...sources }
    this.#kept = undefined
  }

  /** At most a second old. */
  status(): Promise<BridgeStatus> {
    const now = this.#deps.clock.steady()
    if (!this.#kept || now - this.#kept.at >= KEPT_MS) this.#kept = { at: now, status: this.#put() }
    return this.#kept.status
  }

  /** What the doors show and change; undefined before the parts exist, and for ever where there are no peers. */
  ports(): AdminPorts | undefined {
    const { ports } = this.#sources
    return ports && { ...ports, status: () => this.status() }
  }

  /** The next status is put together anew: something was just changed. */
  outdate(): void {
    this.#kept = undefined
  }

  async #put(): Promise<BridgeStatus> {
    const { peerId = null, isPrimary, pending, browsers } = this.#sources
    const { clock, health } = this.#deps
    const [peers, bans, kafka, database] = await Promise.all([this.#peers(), this.#bans(), this.#sources.kafka?.(), this.#database()])
    return {
      view: 'full',
      time: timeText(clock.wall()),
      uptimeSeconds: Math.round((clock.steady() - this.#startedAt) / 1000),
      ...this.#facts,
      peerId,
      ...health.report(),
      isPrimary: isPrimary?.() ?? null,
      instances: this.#instances(),
      peers,
      bans,
      kafka: kafka ?? null,
      pending: pending?.() ?? null,
      browsers: browsers?.() ?? null,
      database,
    }
  }

  #instances(): BridgeStatus['instances'] {
    const { instanceId, version } = this.#facts
    const known = (this.#sources.instances?.() ?? []).map(({ heardAt, ...each }) => ({ ...each, heardAt: timeText(heardAt) }))
    const own = { instanceId, version, peerId: this.#sources.peerId ?? null, heardAt: null }
    const all = known.some((each) => each.instanceId === instanceId) ? known : [own, ...known]
    return all.map((each) => ({ ...each, isOwn: each.instanceId === instanceId }))
  }

  async #peers(): Promise<BridgeStatus['peers']> {
    const { ports } = this.#sources
    if (!ports) return null
    const points = await pointsOf(ports.scores)
    const all = [...ports.peers.list()].sort((one, other) => one.connectedAt - other.connectedAt)
    const list = all.slice(0, MOST_PEERS).map((peer) => ({ ...shownPeer(peer), points: points?.(peer.peerId) ?? null }))
    return { total: all.length, list }
  }

  async #bans(): Promise<BridgeStatus['bans']> {
    const { ports, evidence } = this.#sources
    if (!ports) return null
    const all = [...ports.bans.list()].sort((one, other) => other.since - one.since)
    const newest = all.slice(0, MOST_BANS)
    const causes = newest.map(({ cause }) => cause)
    const evidenceOf = evidence && (await this.#evidence.of(causes, evidence))
    return { total: all.length, list: newest.map((ban) => ({ ...shownBan(ban), evidence: evidenceOf?.(ban.cause) ?? null })) }
  }

  async #database(): Promise<BridgeStatus['database']> {
    const isUp = await this.#sources.isDatabaseUp?.()
    return isUp === undefined ? null : { isUp }
  }
}

/** Undefined while the scores cannot be read, or none are kept. Who has no score has 0 points. */
async function pointsOf(scores: ScoresAdmin | undefined): Promise<((peerId: string) => number) | undefined> {
  if (!scores) return undefined
  try {
    const list = await withDeadline(scores.list(MOST_SCORES), SCORES_WITHIN_MS, 'reading the scores')
    const byPeer = new Map(list.map(({ peerId, points }) => [peerId, points]))
    return (peerId) => byPeer.get(peerId) ?? 0
  } catch {
    return undefined
  }
}
