import { type SignedMessage as HeardMessage, TopicValidatorResult as Verdict } from '@chainsafe/libp2p-gossipsub'
import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import type { Ed25519PeerId, PeerId } from '@libp2p/interface'
import type { MessageId, ReceivedMessage, RouterInternals } from '../router.ts'
import { isEd25519, isEd25519KeyOf, SEQUENCE_NUMBER_LENGTH } from './signature-faults.ts'
import { signedBytes } from './signed-bytes.ts'
import { Signers } from './signers.ts'

const SIGNATURE_LENGTH = 64
const NO_DATA = new Uint8Array()

/** A message with all that an Ed25519 signature needs. Whether it is the right one is not checked yet. */
export type SignedMessage = RPC.Message & Required<Pick<RPC.Message, 'from' | 'seqno' | 'signature'>>

type Part = Pick<RouterInternals, 'seenCache' | 'topicValidators' | 'sendIDontWants' | 'opts'>

/** The text of a message's signer, and of its message id, as the router knows it. */
export interface MessageKeys {
  readonly signer: string
  readonly id: string
}

/** Whether a message has the form in which nodes of this network sign: an Ed25519 key, named by the peer id. The router hears all others. */
export function isSignedWithEd25519(message: RPC.Message): message is SignedMessage {
  const { from, seqno, signature, key } = message
  if (!isEd25519(message) || seqno?.length !== SEQUENCE_NUMBER_LENGTH || signature?.length !== SIGNATURE_LENGTH) return false
  return key === undefined || (from !== undefined && isEd25519KeyOf(key, from))
}

/**
 * Verifies a message and asks the topic's validator, as the router itself does, and with the same outcome. gossipsub 17.1.1 makes a new
 * peer id and a new key for each message, encodes it twice and turns it into text four times: some 30 of the 45 us that the router costs beside
 * the signature (bench/README.md).
 */
export class SignedMessages {
  readonly #router: Part
  readonly #signers = new Signers()

  constructor(router: Part) {
    this.#router = router
  }

  /** For messages that the router does not know yet. */
  async hear(hop: PeerId, message: SignedMessage, { signer, id }: MessageKeys): Promise<ReceivedMessage> {
    const from = this.#signers.of(signer, message.from)
    if (!(await isValid(from, message))) return { code: 'invalid', reason: 'error' }
    // While a slow verification was awaited, a copy may have come from another neighbour.
    if (this.#router.seenCache.has(id)) return { code: 'duplicate', msgIdStr: id }
    this.#router.seenCache.put(id, undefined)
    const msgId = idBytes(message)
    if ((message.data?.length ?? 0) >= this.#router.opts.idontwantMinDataSize) {
      this.#router.sendIDontWants(msgId, message.topic, hop.toString())
    }
    return await this.#judge(hop, toHeard(from, message), { msgId, msgIdStr: id })
  }

  async #judge(hop: PeerId, msg: HeardMessage, messageId: MessageId): Promise<ReceivedMessage> {
    const verdict = (await this.#router.topicValidators.get(msg.topic)?.(hop, msg)) ?? Verdict.Accept
    if (verdict === Verdict.Accept) return { code: 'valid', messageId, msg }
    return { code: 'invalid', reason: verdict, msgIdStr: messageId.msgIdStr }
  }
}

/** A signature that cannot be verified at all is not valid. */
async function isValid({ publicKey }: Ed25519PeerId, message: SignedMessage): Promise<boolean> {
  try {
    return await publicKey.verify(signedBytes(message), message.signature)
  } catch {
    return false
  }
}

function toHeard(from: Ed25519PeerId, { topic, data, seqno, signature }: SignedMessage): HeardMessage {
  const sequenceNumber = new DataView(seqno.buffer, seqno.byteOffset).getBigUint64(0)
  return { type: 'signed', from, data: data ?? NO_DATA, sequenceNumber, topic, signature, key: from.publicKey }
}

/** Go's message id: see `goMessageId`. */
function idBytes({ from, seqno }: SignedMessage): Uint8Array {
  const id = new Uint8Array(from.length + seqno.length)
  id.set(from)
  id.set(seqno, from.length)
  return id
}
