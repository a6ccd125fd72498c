import type { Settings } from '../../config/settings.ts'
import type { GossipHostOptions } from '../../gossip/gossip-host.ts'

type DhtSettings = Pick<
  Settings,
  'network' | 'listen_mode' | 'p2p_dht_mode' | 'p2p_dht_use_private' | 'p2p_dht_protocol_id' | 'p2p_shared_key' | 'p2p_allow_private_ips'
>

const PUBLIC_PROTOCOL = '/ipfs/kad/1.0.0'

/** How the host takes part in a DHT; undefined: not at all. */
export function dhtOptions(settings: DhtSettings): GossipHostOptions['dht'] {
  const { p2p_dht_use_private: isPrivate, p2p_dht_protocol_id: prefix } = settings
  const mode = settings.p2p_dht_mode === 'auto' ? usualMode(settings) : settings.p2p_dht_mode
  if (mode === 'off' || settings.listen_mode === 'silent') return undefined
  return { protocol: isPrivate ? `${prefix}/kad/1.0.0` : PUBLIC_PROTOCOL, mode, isPublic: isPublicNetwork(settings) }
}

/** Strangers may be here, so an address that only they vouch for must not lead into the operator's own networks. */
export function isPublicNetwork(settings: Pick<Settings, 'p2p_shared_key' | 'p2p_allow_private_ips'>): boolean {
  return settings.p2p_shared_key === '' && !settings.p2p_allow_private_ips
}

function usualMode({ network, p2p_dht_use_private: isPrivate, p2p_shared_key: sharedKey }: DhtSettings): 'server' | 'client' | 'off' {
  if (isPrivate) return 'server'
  // Nobody of the public DHT has the shared key, and regtest is for nodes that know each other.
  return network === 'regtest' || sharedKey !== '' ? 'off' : 'client'
}
