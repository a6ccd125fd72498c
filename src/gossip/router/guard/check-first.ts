import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import type { PeerId } from '@libp2p/interface'
import type { Refusal } from '../../refusals.ts'
import type { ReceivedMessage, RouterInternals } from '../router.ts'
import { isSignedWithEd25519, type SignedMessages } from './hear-signed.ts'
import { isEd25519, signatureFault } from './signature-faults.ts'

export interface CheckFirstDeps {
  /** Why a message may not be verified, or undefined. `signer` stands for the one that it says it is from: any text of its own. */
  readonly refuse: (hop: string, signer: string, key: 'ed25519' | 'slow') => Refusal | undefined
  readonly keyOf: (bytes: Uint8Array) => string
  readonly onRefused: (reason: Refusal, hop: string) => void
  /** The neighbour did what honest nodes never do. */
  readonly onOffence: (hop: string, topic: string) => void
}

interface Part {
  readonly seenCache: Pick<RouterInternals['seenCache'], 'has'>
  readonly score: Pick<RouterInternals['score'], 'rejectInvalidMessage'>
  validateReceivedMessage(hop: PeerId, message: RPC.Message): Promise<ReceivedMessage>
}

const MISSING = new Uint8Array()

/**
 * Puts two checks around the router's own: the rate before the signature is verified, since verifying is what costs, and the blame after
 * it. Unpatched, gossipsub 17.1.1 verifies whatever comes, and a bad signature has no consequence for the neighbour that sent it.
 *
 * A refused message is a copy of a known one for the router: nobody's score changes, no cache grows, and when it comes again (from
 * another neighbour, or because it is announced at the next heartbeat) it may be admitted.
 */
export function checkFirst(
  router: Part,
  signed: Pick<SignedMessages, 'hear'>,
  { refuse, keyOf, onRefused, onOffence }: CheckFirstDeps,
): void {
  const validate = router.validateReceivedMessage.bind(router)
  // The router would blame the neighbour for faults that honest nodes pass on, too.
  router.score.rejectInvalidMessage = () => {}

  router.validateReceivedMessage = async (hop, message) => {
    const hopId = hop.toString()
    const signer = keyOf(message.from ?? MISSING)
    const id = signer + keyOf(message.seqno ?? MISSING)
    if (router.seenCache.has(id)) return { code: 'duplicate', msgIdStr: id }
    const refusal = refuse(hopId, signer, isEd25519(message) ? 'ed25519' : 'slow')
    if (refusal !== undefined) {
      onRefused(refusal, hopId)
      return { code: 'duplicate', msgIdStr: id }
    }
    const result = await (isSignedWithEd25519(message) ? signed.hear(hop, message, { signer, id }) : validate(hop, message))
    if (result.code === 'invalid' && result.reason === 'error') {
      const { reason, isBlamed } = signatureFault(message)
      onRefused(reason, hopId)
      if (isBlamed) onOffence(hopId, message.topic)
    }
    return result
  }
}
