import type { KadDHTComponents, SingleKadDHT } from '@libp2p/kad-dht'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'

export interface DhtOptions {
  /** `/ipfs/kad/1.0.0` for the public DHT. */
  readonly protocol: string
  /** A server answers the queries of others. Among nodes on private addresses nobody serves by itself, so a private network needs servers. */
  readonly mode: 'server' | 'client'
  /** On a public network, local addresses are neither told nor taken. */
  readonly isPublic: boolean
}

export type Dht = SingleKadDHT

/** Loads the library only here, because a start without a DHT should not wait for it. */
export async function createDht({ protocol, mode, isPublic }: DhtOptions) {
  const { kadDHT, passthroughMapper, removePrivateAddressesMapper } = await import('@libp2p/kad-dht')
  return kadDHT({
    protocol,
    clientMode: mode === 'client',
    // Otherwise a query with an empty routing table waits for its deadline, even for records that we hold ourselves.
    allowQueryWithZeroPeers: true,
    // Records of other kinds than providers are for nobody here, so none are kept.
    validators: { pk: refuseRecord },
    peerInfoMapper: isPublic ? removePrivateAddressesMapper : passthroughMapper,
  }) as (components: KadDHTComponents) => Dht
}

async function refuseRecord(): Promise<void> {
  throw new Error('this node keeps no such records')
}

/** Raw codec of CIDs. */
const RAW = 0x55

/** The key under which Go nodes look for the peers of a namespace: CID version 1, raw, of the SHA-256 of its name. */
export async function cidOfNamespace(namespace: string): Promise<CID> {
  return CID.createV1(RAW, await sha256.digest(new TextEncoder().encode(namespace)))
}

/** The namespaces of a topic: its name, as nodes advertise it themselves, and the one of Go's pubsub library. */
export function namespacesOf(topic: string): string[] {
  return [topic, `floodsub:${topic}`]
}
