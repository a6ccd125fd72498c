import { isIP } from 'node:net'
import { type Finding, fail, messageOf, ok, warn } from '../finding.ts'
import { REACH_WORDS, reach } from '../host/tcp.ts'
import type { FailedAnswer, PeerAnswer } from '../ports.ts'

/** A peer that the settings name, at one of its addresses. */
export interface PeerPlace {
  /** The multiaddress with the peer id at its end. */
  readonly address: string
  readonly host: string
  readonly port: number
}

export interface PeerDeps {
  /** Shakes hands with the peer and leaves again. */
  readonly probe: (place: PeerPlace, signal: AbortSignal) => Promise<PeerAnswer>
  /** `p2p_shared_key` is set. */
  readonly isPrivate: boolean
}

const TCP_MS = 3000

/** Whether a peer of the settings can be connected to, and why not. */
export async function examinePeer(place: PeerPlace, deps: PeerDeps, signal: AbortSignal): Promise<Finding> {
  const { address, host, port } = place
  const reached = await reach({ host, port }, TCP_MS)
  if (reached !== 'connected') {
    const remedy = isIP(host) ? 'start the peer, or correct its address in p2p_static_peers' : 'check the name in the DNS, and the peer'
    return fail(`${address} ${REACH_WORDS[reached]}`, remedy)
  }
  return judgePeer(address, await deps.probe(place, signal), deps)
}

const ANSWERS: Readonly<Record<FailedAnswer['kind'], readonly [reason: string, remedy: string]>> = {
  'wrong-peer': ['has another peer id', 'correct the end of the address: the peer id is in the peer’s log'],
  'private-network': ['is in a private network, this bridge in a public one', 'set p2p_shared_key to the key of that network'],
  'public-network': ['is in a public network, this bridge in a private one', 'unset p2p_shared_key, or set it at the peer'],
  'no-handshake': ['ends the connection before a handshake', ''],
  text: ['speaks another protocol: it is no libp2p host', 'correct host and port of the address'],
  mute: ['takes connections and says nothing: it is frozen, or no libp2p host', 'look at what listens there'],
}

function judgePeer(address: string, answer: PeerAnswer, { isPrivate }: Pick<PeerDeps, 'isPrivate'>): Finding {
  if (answer.kind === 'connected') {
    if (answer.speaksGossip) return ok(`${address} answers (${printable(answer.agent)})`)
    return warn(`${address} answers (${printable(answer.agent)}) and does not speak GossipSub`, 'name a node of the network instead')
  }
  const [reason, remedy] = ANSWERS[answer.kind]
  if (answer.kind !== 'no-handshake') return fail(`${address} ${reason}`, remedy)
  const refused = 'it refuses this host (a ban, or no place left)'
  return isPrivate
    ? fail(`${address} ${reason}`, `compare p2p_shared_key with the peer’s; if they are the same, ${refused}`)
    : fail(`${address} ${reason} (${messageOf(answer.detail)})`, `look into its log: ${refused}, or speaks another protocol`)
}

/** A peer chooses its own name. */
function printable(agent: string): string {
  return agent.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)
}

export function judgePeerCount(count: number): Finding[] {
  if (count > 0) return []
  return [warn('the settings name no peer: only the DHT and incoming connections bring any', 'name some in p2p_static_peers')]
}
