import type { Clock } from '../lifecycle/clock.ts'
import { TokenBucket } from '../lifecycle/pace/token-bucket.ts'
import { isSameList, withPeerId } from './found-addresses.ts'
import { isPublicPlace, type PeerAddress, parsePeerAddress } from './peer-address.ts'
import type { Connections, Dial, DialFailure, DialPlan, FoundOutcome, PeerSource, ReachablePeer, SkippedDial } from './ports.ts'
import { retryPause } from './retry-pause.ts'

export interface DialPlanOptions {
  readonly ownPeerId: string
  /** The other peers of the settings; `setStatic` names the static ones. */
  readonly peers: Readonly<Record<'bootstrap' | 'dht', readonly ReachablePeer[]>>
  /** Found peers are dialled only at public addresses. */
  readonly isPublic: boolean
  readonly optimiseRetries: boolean
  /** Found peers are dialled only while there are fewer connections: the other places are for known peers and for those that dial us. */
  readonly maxConnectionsForFound: number
  readonly firstRetryMs?: number
}

export interface DialPlanDeps {
  readonly isBanned: (subject: { peerId?: string; address?: string }) => boolean
  readonly clock: Pick<Clock, 'steady'>
  readonly random: () => number
}

interface Candidate {
  readonly peerId: string
  /** Those that the settings name for this peer: they stay, whatever lists say. */
  readonly ownAddresses: readonly string[]
  addresses: readonly string[]
  readonly source: PeerSource
  dueAt: number
  failures: number
  isDialling: boolean
  connectedAt: number
  foundAt: number
  /** A found peer that brought nothing is not dialled before. */
  unwantedUntil: number
}

/** How often to look when nothing is due: a ban may have ended. */
const LOOK_EACH_MS = 30_000
const MAX_FOUND = 1000
/** Bounds on what lists in the DNS name. */
const MAX_LISTED = 1000
const MAX_LISTED_ADDRESSES = 16
/** A found peer is forgotten when no one has told us of it for so long. */
const FORGET_FOUND_MS = 3_600_000
const MAX_FOUND_DIALS = 8
/** Dials of found peers: on average so many a second, so that they never look like a scan of the network. */
const FOUND_RATE = { perSecond: 5, burst: 20 }
/** A connection that lived so long was no failure. */
const STABLE_MS = 10_000
/** Upper bound on the pause after a lost connection: the other side may be dialling us. */
const LOST_PAUSE_MS = 1000
/** How long a found peer that brought nothing is left alone. */
const UNWANTED_MS = 3_600_000

/** The peers that we want to be connected to, and when each may be dialled again. */
export function createDialPlan(options: DialPlanOptions, deps: DialPlanDeps): DialPlan {
  return new Plan(options, deps)
}

class Plan implements DialPlan {
  readonly #options: DialPlanOptions
  readonly #deps: DialPlanDeps
  readonly #candidates = new Map<string, Candidate>()
  readonly #foundRate: TokenBucket
  #foundDials = 0
  /** Number of candidates that are not found ones. */
  #listed = 0
  /** The nodes of one site often share one list. */
  readonly #isOther = ({ peerId }: ReachablePeer) => peerId !== this.#options.ownPeerId

  constructor(options: DialPlanOptions, deps: DialPlanDeps) {
    this.#options = options
    this.#deps = deps
    this.#foundRate = new TokenBucket(FOUND_RATE.burst, deps.clock.steady())
  }

  due(connections: Connections): { dials: Dial[]; skipped: SkippedDial[]; nextInMs: number } {
    const now = this.#deps.clock.steady()
    const dials: Dial[] = []
    const skipped: SkippedDial[] = []
    let nextAt = now + LOOK_EACH_MS
    for (const candidate of this.#candidates.values()) {
      if (this.#isForgotten(candidate, now)) this.#candidates.delete(candidate.peerId)
      else if (candidate.isDialling || connections.has(candidate.peerId)) continue
      else if (dueAt(candidate) > now) nextAt = Math.min(nextAt, dueAt(candidate))
      else if (candidate.source === 'found' && !this.#hasRoomForFound(connections, now)) nextAt = Math.min(nextAt, now + 1000)
      else {
        const { peerId, source } = candidate
        const addresses = this.#usable(candidate)
        if (addresses.length > 0) {
          this.#setDialling(candidate, true)
          dials.push({ peerId, source, addresses: rotated(addresses, candidate.failures) })
        } else {
          skipped.push(this.#skip(candidate))
          nextAt = Math.min(nextAt, candidate.dueAt)
        }
      }
    }
    return { dials, skipped, nextInMs: nextAt - now }
  }

  connected({ peerId }: Dial): void {
    const candidate = this.#candidates.get(peerId)
    if (!candidate) return
    this.#setDialling(candidate, false)
    candidate.connectedAt = this.#deps.clock.steady()
    // A peer that accepts and closes at once must not be dialled in a tight loop.
    this.#pause(candidate, undefined)
  }

  failed({ peerId }: Dial, failure: DialFailure): void {
    const candidate = this.#candidates.get(peerId)
    if (!candidate) return
    this.#setDialling(candidate, false)
    candidate.failures += 1
    this.#pause(candidate, failure)
  }

  lost(peerId: string): void {
    const candidate = this.#candidates.get(peerId)
    if (!candidate) return
    const now = this.#deps.clock.steady()
    const wasStable = now - candidate.connectedAt >= STABLE_MS
    candidate.connectedAt = Number.NEGATIVE_INFINITY
    if (wasStable) {
      candidate.failures = 0
      candidate.dueAt = now + Math.min(LOST_PAUSE_MS, this.#options.firstRetryMs ?? LOST_PAUSE_MS) * this.#deps.random()
    } else {
      candidate.failures += 1
      this.#pause(candidate, undefined)
    }
  }

  found(told: ReachablePeer): FoundOutcome {
    const { peerId } = told
    const addresses = withPeerId(told)
    const now = this.#deps.clock.steady()
    if (peerId === this.#options.ownPeerId) return 'self'
    const before = this.#candidates.get(peerId)
    if (before) before.foundAt = now
    // Only new addresses reset the pause, and only for a peer that others told us of.
    if (before && (before.source !== 'found' || isSameList(before.addresses, addresses))) return 'known'
    if (before?.isDialling) return 'known'
    const reachable = addresses.flatMap((text) => parsePeerAddress(text) ?? [])
    if (this.#deps.isBanned({ peerId })) return 'banned'
    if (reachable.length === 0) return 'no-address'
    if (this.#options.isPublic && !reachable.some(isPublicPlace)) return 'private-address'
    if (!before && this.#candidates.size >= MAX_FOUND + this.#listed) return 'too-many'
    this.#add({ peerId, addresses }, 'found', before)
    return 'new'
  }

  listed(peer: ReachablePeer, source: PeerSource): boolean {
    const { peerId, addresses } = peer
    const before = this.#candidates.get(peerId)
    if (peerId === this.#options.ownPeerId) return false
    if (before !== undefined && before.source !== 'found') {
      // Another list, or a name that moved.
      const { ownAddresses } = before
      const others = new Set([...addresses, ...before.addresses].filter((address) => !ownAddresses.includes(address)))
      before.addresses = [...ownAddresses, ...[...others].slice(0, MAX_LISTED_ADDRESSES)]
      return false
    }
    if (before?.isDialling) return false
    if (this.#listed >= MAX_LISTED) return false
    this.#add(peer, source)
    return true
  }

  setStatic(peers: readonly ReachablePeer[], listed: readonly ReachablePeer[]): void {
    const named = new Map(peers.filter(this.#isOther).map(({ peerId, addresses }) => [peerId, addresses]))
    const inLists = new Set(listed.map(({ peerId }) => peerId))
    for (const { peerId, source, ownAddresses } of this.#candidates.values()) {
      const addresses = named.get(peerId) ?? (inLists.has(peerId) ? [] : undefined)
      if (source === 'static' && !(addresses && isSameList(addresses, ownAddresses))) this.#remove(peerId)
    }
    for (const [peerId, addresses] of named) {
      if (this.#candidates.get(peerId)?.source === 'static') continue
      this.#remove(peerId)
      this.#add({ peerId, addresses }, 'static', { ownAddresses: addresses })
    }
    for (const peer of listed) this.listed(peer, 'static')
    // A peer that is named twice is what the first setting makes of it.
    for (const source of ['bootstrap', 'dht'] as const) {
      for (const peer of this.#options.peers[source].filter(this.#isOther)) {
        if (!this.#candidates.has(peer.peerId)) this.#add(peer, source, { ownAddresses: peer.addresses })
      }
    }
  }

  unwanted(peerId: string): boolean {
    const candidate = this.#candidates.get(peerId)
    if (candidate === undefined) return true
    if (candidate.source !== 'found') return false
    candidate.unwantedUntil = this.#deps.clock.steady() + UNWANTED_MS
    return true
  }

  addressesOf(peerId: string): readonly string[] {
    const candidate = this.#candidates.get(peerId)
    return candidate?.source === 'static' || candidate?.source === 'bootstrap' ? candidate.addresses : []
  }

  #add(peer: ReachablePeer, source: PeerSource, before: Partial<Candidate> = {}): void {
    const { ownAddresses = [], failures = 0, unwantedUntil = Number.NEGATIVE_INFINITY } = before
    const now = this.#deps.clock.steady()
    const candidate: Candidate = {
      ...peer,
      ownAddresses,
      source,
      dueAt: now,
      failures,
      isDialling: false,
      connectedAt: Number.NEGATIVE_INFINITY,
      foundAt: now,
      unwantedUntil,
    }
    if (failures > 0) this.#pause(candidate, undefined)
    if (source !== 'found') this.#listed += 1
    this.#candidates.set(peer.peerId, candidate)
  }

  #remove(peerId: string): void {
    const candidate = this.#candidates.get(peerId)
    if (candidate === undefined) return
    this.#candidates.delete(peerId)
    if (candidate.source !== 'found') this.#listed -= 1
    else if (candidate.isDialling) this.#foundDials -= 1
  }

  #pause(candidate: Candidate, failure: DialFailure | undefined): void {
    const { optimiseRetries: optimise, firstRetryMs } = this.#options
    const { clock, random } = this.#deps
    const options = { optimise, ...(firstRetryMs !== undefined && { firstMs: firstRetryMs }) }
    candidate.dueAt = clock.steady() + retryPause({ ...candidate, failure }, options, random)
  }

  #skip(candidate: Candidate): SkippedDial {
    const { peerId, source, addresses } = candidate
    const isBanned = this.#deps.isBanned({ peerId }) || addresses.some((text) => this.#isBannedAddress(parsePeerAddress(text)))
    const reason = isBanned ? 'banned' : 'no-address'
    this.#pause(candidate, reason)
    return { peerId, source, addresses, reason }
  }

  #isBannedAddress(address: PeerAddress | undefined): boolean {
    return address?.kind === 'ip' && this.#deps.isBanned({ address: address.host })
  }

  /** The addresses that may be dialled now: a ban may end, so a peer without any stays in the plan. */
  #usable({ peerId, source, addresses }: Candidate): string[] {
    const { isBanned } = this.#deps
    if (isBanned({ peerId })) return []
    const isAllowed = (address: PeerAddress) =>
      !this.#isBannedAddress(address) &&
      !(source === 'found' && this.#options.isPublic && !isPublicPlace(address)) &&
      !(source === 'found' && address.kind === 'dnsaddr')
    return addresses.filter((text) => {
      const address = parsePeerAddress(text)
      return address !== undefined && isAllowed(address)
    })
  }

  #setDialling(candidate: Candidate, isDialling: boolean): void {
    if (candidate.isDialling === isDialling) return
    candidate.isDialling = isDialling
    if (candidate.source === 'found') this.#foundDials += isDialling ? 1 : -1
  }

  #hasRoomForFound(connections: Connections, now: number): boolean {
    const isFull = this.#foundDials >= MAX_FOUND_DIALS || connections.size + this.#foundDials >= this.#options.maxConnectionsForFound
    return !isFull && this.#foundRate.tryTake(now, FOUND_RATE)
  }

  #isForgotten({ source, foundAt, isDialling }: Candidate, now: number): boolean {
    return source === 'found' && !isDialling && now - foundAt > FORGET_FOUND_MS
  }
}

/** After each failure another address is first: the time for a dial may end before all of them had their turn. */
function rotated(addresses: readonly string[], failures: number): string[] {
  const from = failures % addresses.length
  return [...addresses.slice(from), ...addresses.slice(0, from)]
}

function dueAt({ dueAt: at, unwantedUntil }: Candidate): number {
  return Math.max(at, unwantedUntil)
}
