import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { TokenBucket } from '../../lifecycle/pace/token-bucket.ts'
import { RecentMap } from '../recent-map.ts'
import type { Refusal } from '../refusals.ts'

/** Provider records that we keep for others: a node has two for each of its topics. */
const MAX_RECORDS = 5000
const MAX_RECORDS_PER_PEER = 64
/** What a peer says of its addresses in one request. */
const MAX_ADDRESSES = 16
/** Requests of one peer. A node that joins or looks for peers makes some ten at once. */
const REQUESTS = { perSecond: 50, burst: 200 }
const IDLE_MS = 60_000
const MAX_PEERS = 4096

interface Request {
  readonly type: string
  providers: { multiaddrs: Uint8Array[] }[]
}

/** The parts of kad-dht 16.4.5 that its published type leaves out. */
interface DhtInternals {
  readonly rpc: { handleMessage(peer: PeerId, request: Request): Promise<unknown> }
  readonly providers: {
    addProvider(cid: CID, provider: PeerId, options?: object): Promise<void>
    removeProvider(cid: CID, provider: PeerId, options?: object): Promise<void>
  }
}

export interface DhtBoundsDeps {
  readonly ownPeerId: string
  readonly now: () => number
  readonly onRefused: (reason: Refusal, peerId: string) => void
}

/**
 * Bounds what others can make a server of the DHT keep and do. Unpatched, kad-dht 16.4.5 keeps every record for two days, whoever
 * brings it, and looks through all of them for each question.
 */
export function boundDht(dht: object, deps: DhtBoundsDeps): void {
  const { rpc, providers } = dht as DhtInternals
  boundRequests(rpc, deps)
  boundRecords(providers, deps)
}

function boundRequests(rpc: DhtInternals['rpc'], { now, onRefused }: DhtBoundsDeps): void {
  const handle = rpc.handleMessage.bind(rpc)
  const rates = new RecentMap<TokenBucket>({ idleMs: IDLE_MS, maxEntries: MAX_PEERS })
  rpc.handleMessage = (peer, request) => {
    const peerId = peer.toString()
    const at = now()
    if (!rates.touch(peerId, at, () => new TokenBucket(REQUESTS.burst, at)).tryTake(at, REQUESTS)) {
      onRefused('dht-over-rate', peerId)
      return Promise.reject(new Error('too many requests'))
    }
    // A peer can be the provider only of what it says of itself.
    request.providers = request.providers.slice(0, 1)
    for (const provider of request.providers) provider.multiaddrs = provider.multiaddrs.slice(0, MAX_ADDRESSES)
    return handle(peer, request)
  }
}

/** The oldest record goes first. A peer that renews one moves it to the end. */
function boundRecords(providers: DhtInternals['providers'], { ownPeerId, onRefused }: DhtBoundsDeps): void {
  const add = providers.addProvider.bind(providers)
  const records = new Map<string, { readonly cid: CID; readonly provider: PeerId }>()
  const perPeer = new Map<string, number>()

  function count(peerId: string, more: number): void {
    const left = (perPeer.get(peerId) ?? 0) + more
    if (left > 0) perPeer.set(peerId, left)
    else perPeer.delete(peerId)
  }

  async function dropOldest(): Promise<void> {
    const [oldest] = records
    if (oldest === undefined) return
    const [key, { cid, provider }] = oldest
    records.delete(key)
    count(provider.toString(), -1)
    await providers.removeProvider(cid, provider)
  }

  providers.addProvider = async (cid, provider, options) => {
    const peerId = provider.toString()
    if (peerId === ownPeerId) return add(cid, provider, options)
    const key = `${cid.toString()} ${peerId}`
    const isKnown = records.delete(key)
    if (!isKnown && (perPeer.get(peerId) ?? 0) >= MAX_RECORDS_PER_PEER) return onRefused('dht-full', peerId)
    if (!isKnown) count(peerId, 1)
    records.set(key, { cid, provider })
    await add(cid, provider, options)
    if (records.size > MAX_RECORDS) await dropOldest()
  }
}
