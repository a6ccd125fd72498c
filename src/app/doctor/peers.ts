import type { Settings } from '../../config/settings.ts'
import type { Probe } from '../../doctor/examine.ts'
import { placesOf } from '../../doctor/services/peer-places.ts'
import { examinePeer, judgePeerCount, type PeerPlace } from '../../doctor/services/peers.ts'
import { createTxtLookUp } from '../../gossip/node/txt-records.ts'
import { resolveDnsaddr } from '../../peers/dnsaddr.ts'

const DEADLINE_MS = 15_000

/** One look for each address of the peers that the settings name. */
export function peerProbes(settings: Settings): Probe[] {
  if (!settings.roles.includes('relay')) return []
  const addresses = [...new Set([...settings.p2p_static_peers, ...settings.p2p_bootstrapAddresses])]
  const count = {
    area: 'peers',
    what: 'counting peers',
    deadlineMs: DEADLINE_MS,
    run: async () => judgePeerCount(addresses.length),
  } as const
  return [count, ...addresses.map((address) => peerProbe(address, settings))]
}

function peerProbe(address: string, { p2p_shared_key: sharedKey }: Settings): Probe {
  const run = async (signal: AbortSignal) => {
    const { probePeer } = await import('../../gossip/probe-peer.ts')
    const deps = {
      isPrivate: sharedKey !== '',
      probe: (place: PeerPlace, until: AbortSignal) => probePeer({ place, sharedKey }, until),
    }
    const places = await placesOf(address, (list) => resolveDnsaddr(list, createTxtLookUp(), signal))
    return Promise.all(places.map((place) => examinePeer(place, deps, signal)))
  }
  return { area: 'peers', what: `connecting to ${address}`, deadlineMs: DEADLINE_MS, run }
}
