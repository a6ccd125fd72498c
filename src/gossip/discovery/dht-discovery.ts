import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { Logger } from 'pino'
import { callWithDeadline, repeat } from '../../lifecycle/time.ts'
import type { FoundOutcome, ReachablePeer } from '../../peers/ports.ts'
import type { GossipMetrics } from '../../telemetry/gossip-metrics.ts'
import { cidOfNamespace, type Dht, namespacesOf } from '../node/dht.ts'

export interface DiscoveryOptions {
  readonly topics: readonly string[]
  readonly findEachMs: number
  /** Records are kept for hours, so one advertisement lasts long. */
  readonly advertiseEachMs: number
  readonly queryTimeoutMs: number
}

export interface DiscoveryDeps {
  readonly dht: Pick<Dht, 'provide' | 'findProviders' | 'findPeer'> & { readonly routingTable: { readonly size: number } }
  readonly found: (peer: ReachablePeer) => FoundOutcome
  /** A peer was found that was not known. */
  readonly onNew: () => void
  readonly ownPeerId: string
  readonly now: () => number
  readonly random: () => number
  readonly log: Logger
  readonly metrics: Pick<GossipMetrics, 'dhtQueries' | 'foundPeers'>
}

/** Bounds of one query: a DHT may return any number of records. */
const MAX_FOUND_PER_QUERY = 100
const MAX_LOOKUPS_PER_ROUND = 10
/** A failed advertisement reached some of the peers that should have it, so the rest may wait a little. */
const ADVERTISE_AGAIN_MS = 600_000
/** While the routing table has fewer peers than a DHT keeps copies of a record, each further peer should get ours. */
const ENOUGH_DHT_PEERS = 20

/** Tells the DHT that we take part in our topics, and asks it who else does. */
export function createDiscovery(options: DiscoveryOptions, deps: DiscoveryDeps) {
  const { dht, found, onNew, ownPeerId, now, random, log, metrics } = deps
  const namespaces = options.topics.flatMap(namespacesOf)
  let advertiseAt = Number.NEGATIVE_INFINITY
  let advertisedTo = -1

  async function round(stopped: AbortSignal): Promise<void> {
    const cids = await Promise.all(namespaces.map(cidOfNamespace))
    if (isAdvertisementDue()) await advertise(cids, stopped)
    await find(cids, stopped)
  }

  function isAdvertisementDue(): boolean {
    const { size } = dht.routingTable
    const hasGrown = advertisedTo < ENOUGH_DHT_PEERS && size > advertisedTo
    return hasGrown || now() >= advertiseAt
  }

  async function advertise(cids: readonly CID[], stopped: AbortSignal): Promise<void> {
    const { size } = dht.routingTable
    let isAnswered = true
    for (const cid of cids) {
      if (!(await query('advertise', stopped, (signal) => drain(dht.provide(cid, { signal }))))) isAnswered = false
    }
    if (stopped.aborted) return
    advertiseAt = now() + (isAnswered ? options.advertiseEachMs : Math.min(ADVERTISE_AGAIN_MS, options.advertiseEachMs))
    advertisedTo = size
  }

  async function find(cids: readonly CID[], stopped: AbortSignal): Promise<void> {
    const providers = new Map<string, { id: PeerId; addresses: Set<string> }>()
    for (const cid of cids) {
      await query('find', stopped, async (signal) => {
        for await (const event of dht.findProviders(cid, { signal })) {
          if (event.name !== 'PROVIDER') continue
          for (const { id, multiaddrs } of event.providers) {
            const known = providers.get(id.toString()) ?? { id, addresses: new Set<string>() }
            for (const address of multiaddrs) known.addresses.add(address.toString())
            providers.set(id.toString(), known)
          }
          if (providers.size >= MAX_FOUND_PER_QUERY) break
        }
      })
    }
    providers.delete(ownPeerId)
    await lookUp(providers, stopped)
    let isAnyNew = false
    for (const [peerId, { addresses }] of providers) {
      const outcome = found({ peerId, addresses: [...addresses] })
      metrics.foundPeers.inc({ outcome })
      if (outcome === 'new') isAnyNew = true
    }
    if (isAnyNew) onNew()
  }

  /** Records of providers may come without addresses: the DHT knows them under the peer id. */
  async function lookUp(providers: ReadonlyMap<string, { id: PeerId; addresses: Set<string> }>, stopped: AbortSignal): Promise<void> {
    const nameless = [...providers.values()].filter(({ addresses }) => addresses.size === 0).slice(0, MAX_LOOKUPS_PER_ROUND)
    for (const { id, addresses } of nameless) {
      await query('look-up', stopped, async (signal) => {
        for await (const event of dht.findPeer(id, { signal })) {
          if (event.name === 'FINAL_PEER') for (const address of event.peer.multiaddrs) addresses.add(address.toString())
        }
      })
    }
  }

  /** False if the DHT did not answer in time. */
  async function query(
    kind: 'advertise' | 'find' | 'look-up',
    stopped: AbortSignal,
    run: (signal: AbortSignal) => Promise<void>,
  ): Promise<boolean> {
    if (stopped.aborted) return false
    try {
      await callWithDeadline({ ms: options.queryTimeoutMs, what: `a query (${kind}) of the DHT`, signal: stopped }, run)
      metrics.dhtQueries.inc({ kind, outcome: 'answered' })
      return true
    } catch (error) {
      if (stopped.aborted) return false
      metrics.dhtQueries.inc({ kind, outcome: 'failed' })
      log.debug({ kind, err: error }, 'a query of the DHT failed, a later round repeats it')
      return false
    }
  }

  return {
    round,
    /** Rounds until the signal aborts. */
    run: (stopped: AbortSignal): Promise<void> =>
      repeat(
        {
          everyMs: options.findEachMs,
          isFirstNow: true,
          random,
          signal: stopped,
          onError: (err) => log.error({ err }, 'finding peers by the DHT failed, the next round repeats it'),
        },
        () => round(stopped),
      ),
  }
}

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events); // each event is a step of the query, of which only the end matters
}
