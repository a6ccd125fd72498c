import '../lifecycle/promise-with-resolvers.ts'

import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { FailedAnswer, PeerAnswer } from '../doctor/ports.ts'
import { callWithDeadline } from '../lifecycle/time.ts'
import { dialFailure } from './connections/dial-failure.ts'
import { type FirstWords, firstWords } from './first-words.ts'
import { swarmKeyOf } from './node/pre-shared-key.ts'

export interface ProbePeerOptions {
  /** The multiaddress with the peer id at its end, and its host and port. */
  readonly place: { readonly address: string; readonly host: string; readonly port: number }
  /** `p2p_shared_key`; empty for a public network. */
  readonly sharedKey: string
}

const HANDSHAKE_MS = 4000
const FIRST_WORDS_MS = 3000

/**
 * Connects to a peer with a key made for this one call, and leaves again. So the peer neither takes the doctor for the bridge nor gets a
 * second connection of its identity. The caller has seen that something listens at the address.
 */
export async function probePeer({ place, sharedKey }: ProbePeerOptions, signal: AbortSignal): Promise<PeerAnswer> {
  const answer = await shakeHands({ place, sharedKey }, signal)
  if (answer.kind !== 'no-handshake') return answer
  // The error of the failed handshake depends on random bytes, so it does not tell a private network from a host that refuses us.
  return { ...answer, kind: reasonOf(await firstWords(place, FIRST_WORDS_MS), sharedKey) }
}

function reasonOf(words: FirstWords, sharedKey: string): FailedAnswer['kind'] {
  if (words === 'mute' || words === 'text') return words
  if (words === 'multistream') return sharedKey === '' ? 'no-handshake' : 'public-network'
  return words === 'cipher' && sharedKey === '' ? 'private-network' : 'no-handshake'
}

async function shakeHands({ place: { address }, sharedKey }: ProbePeerOptions, signal: AbortSignal): Promise<PeerAnswer> {
  const node = await createLibp2p({
    addresses: { listen: [] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    ...(sharedKey && { connectionProtector: preSharedKey({ psk: swarmKeyOf(sharedKey) }) }),
    services: { identify: identify({ runOnConnectionOpen: false }) },
    connectionMonitor: { enabled: false },
  })
  try {
    return await callWithDeadline({ ms: HANDSHAKE_MS, what: 'the handshake', signal }, async (soon) => {
      const connection = await node.dial(multiaddr(address), { signal: soon })
      const { agentVersion, protocols } = await node.services.identify.identify(connection, { signal: soon })
      const speaksGossip = protocols.some((protocol) => protocol.startsWith('/meshsub/'))
      return { kind: 'connected', agent: agentVersion ?? 'unnamed software', speaksGossip }
    })
  } catch (error) {
    signal.throwIfAborted()
    const detail = error instanceof Error ? error.message : String(error)
    return { kind: dialFailure(error) === 'wrong-peer' ? 'wrong-peer' : 'no-handshake', detail }
  } finally {
    await node.stop()
  }
}
