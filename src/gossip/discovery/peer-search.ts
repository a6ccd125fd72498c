import type { Connection, PeerId } from '@libp2p/interface'
import type { Logger } from 'pino'
import { repeat } from '../../lifecycle/time.ts'
import type { LookUpTexts, PeerPolicy } from '../../peers/ports.ts'
import type { GossipMetrics } from '../../telemetry/gossip-metrics.ts'
import type { GossipNode } from '../node/node.ts'
import { createAddressExchange } from './address-exchange.ts'
import { type AddressListsDeps, followAddressLists } from './address-lists.ts'
import { createDiscovery } from './dht-discovery.ts'
import { createPeerAddressStream } from './peer-address-stream.ts'

export interface PeerSearchTimings {
  readonly findEachMs: number
  readonly findInPublicEachMs: number
  readonly advertiseEachMs: number
  readonly queryTimeoutMs: number
  readonly askEachMs: number
  readonly askTimeoutMs: number
}

export interface PeerSearchOptions {
  readonly topics: readonly string[]
  /** Whether the DHT is the public one, which millions of nodes ask. */
  readonly isPublic: boolean
  /** Takes part in the message bus' exchange of addresses: answers requests and, without a DHT, asks. */
  readonly exchangesAddresses: boolean
  /** Whether it answers. */
  readonly tellsAddresses: boolean
  readonly lookUpTexts: LookUpTexts
  readonly timings: PeerSearchTimings
}

export interface PeerSearchDeps {
  readonly node: GossipNode
  readonly peers: PeerPolicy
  readonly log: Logger
  readonly metrics: GossipMetrics
  /** A peer was found that was not known. */
  readonly onNew: () => void
  readonly now: () => number
  readonly random: () => number
}

/** All ways in which the host looks for peers. */
export interface PeerSearch {
  /** Call before the node starts, so that identify tells peers what we answer. */
  prepare(): Promise<void>
  /** Searches until the signal aborts. */
  run(stopped: AbortSignal): Promise<unknown>
}

export function createPeerSearch(options: PeerSearchOptions, deps: PeerSearchDeps): PeerSearch {
  const { node, peers, log, metrics, onNew, now, random } = deps
  const { dht } = node.services
  const found = peers.dials.found.bind(peers.dials)
  const { advertiseEachMs, queryTimeoutMs, findEachMs, findInPublicEachMs, askEachMs, askTimeoutMs: timeoutMs } = options.timings
  const discovery =
    dht &&
    createDiscovery(
      { topics: options.topics, findEachMs: options.isPublic ? findInPublicEachMs : findEachMs, advertiseEachMs, queryTimeoutMs },
      { dht, found, onNew, ownPeerId: node.peerId.toString(), now, random, log, metrics },
    )
  const stream = createPeerAddressStream(
    { timeoutMs },
    {
      node,
      addressesOf: (peer) => addressesToTell(peer, deps),
      onReceived: (outcome) => metrics.addressRequests.inc({ direction: 'received', outcome }),
      now,
    },
  )
  const connections = (): Connection[] => node.getConnections()
  const ask = createAddressExchange({ stream, authors: peers.authors, connections, peerStore: node.peerStore, found, onNew, log, metrics })
  return {
    async prepare() {
      if (options.exchangesAddresses && options.tellsAddresses) await stream.start()
    },
    run(stopped) {
      const resolve: AddressListsDeps['resolve'] = (address, signal, onCut) =>
        peers.lists.resolve(address, options.lookUpTexts, signal, onCut)
      stopped.addEventListener('abort', () => stream.stop(), { once: true })
      const onError = (err: unknown) => log.error({ err }, 'asking neighbours for addresses failed, the next round asks again')
      const asks = options.exchangesAddresses && dht === undefined
      return Promise.all([
        discovery?.run(stopped),
        followAddressLists({ timeoutMs: queryTimeoutMs }, { lists: peers.lists, resolve, onNew, onChange: peers.onChange, log }, stopped),
        asks && repeat({ everyMs: askEachMs, random, signal: stopped, onError }, () => ask(stopped)),
      ])
    },
  }
}

/** Direct addresses only: not those by way of a relay, and no private ones on a public network. */
async function addressesToTell(peer: PeerId, { node, peers }: PeerSearchDeps): Promise<string[]> {
  const addresses = peer.equals(node.peerId) ? node.getMultiaddrs() : await storedAddresses(peer, node)
  const texts = addresses.map((address) => address.toString().replace(/\/p2p\/[^/]+$/, ''))
  return [...new Set(texts)].filter((text) => !text.includes('/p2p-circuit') && peers.addresses.mayAnnounce(text))
}

async function storedAddresses(peer: PeerId, node: GossipNode) {
  try {
    const { addresses } = await node.peerStore.get(peer)
    return addresses.map(({ multiaddr }) => multiaddr)
  } catch {
    return [] // never heard of
  }
}
