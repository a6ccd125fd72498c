import { TopicValidatorResult as Result, type TopicValidatorFn } from '@chainsafe/libp2p-gossipsub'
import type { RareLog } from '../../lifecycle/rare-log.ts'

/** A received message. Only its signature has been checked. */
export interface GossipMessage {
  readonly topic: string
  readonly data: Uint8Array
  /** Peer id of the signer, proved by the signature. */
  readonly signer: string
  readonly sequenceNumber: bigint
  /** Peer id of the neighbour that sent it to us. */
  readonly hop: string
  /** The neighbour's IP address, null when the connection is already closed. */
  readonly hopAddress: string | null
}

/** `accept`: passed on to our neighbours; `ignore`: not passed on, and no peer is penalized. */
export type RouterVerdict = 'accept' | 'ignore'

export type Judge = (message: GossipMessage) => RouterVerdict | Promise<RouterVerdict>

/** The outcome of a message at the router. `accept-only`: accepted, but too large to be passed on. */
export type RouterOutcome = RouterVerdict | 'accept-only' | 'own' | 'too-large' | 'replayed' | 'busy' | 'error'

export interface TopicValidatorDeps {
  /** Counts each error of the judge, with its topic as the kind. */
  readonly errors: Pick<RareLog<unknown>, 'count'>
  readonly judge: Judge
  /** While false, messages are still judged and written to the event log, but not passed on. */
  readonly mayBeHeard: () => boolean
  readonly addressOf: (peerId: string) => string | null
  /** Whether a message is an old one of its signer, sent again. */
  readonly isReplay: (signer: string, sequenceNumber: bigint) => boolean
  readonly onReplay: (hop: string) => void
  readonly onOutcome: (topic: string, outcome: RouterOutcome) => void
}

/**
 * The only place where a verdict becomes the router's result. It never returns `reject`: today's nodes relay every validly signed
 * message, so `reject` would penalize an honest neighbour for a stranger's message. Our own errors are `ignore` too.
 */
export function createTopicValidator(
  options: { ownPeerId: string; maxMessageBytes: number; maxSharedBytes: number; maxPending: number },
  { errors, judge, mayBeHeard, addressOf, isReplay, onReplay, onOutcome }: TopicValidatorDeps,
): TopicValidatorFn {
  let pending = 0

  function settled(topic: string, outcome: RouterOutcome): Result {
    onOutcome(topic, outcome)
    return outcome === 'accept' && mayBeHeard() ? Result.Accept : Result.Ignore
  }

  function failed(topic: string, error: unknown): Result {
    errors.count(topic, error)
    return settled(topic, 'error')
  }

  return (hopId, message) => {
    const { topic } = message
    if (message.type !== 'signed') return settled(topic, 'ignore')
    // Above our limit the message could not be passed on: with the router's additions, Go neighbours would reset our stream.
    if (message.data.byteLength > options.maxMessageBytes) return settled(topic, 'too-large')
    const signer = message.from.toString()
    // Our own message, after the router forgot its id: a peer replays it.
    if (signer === options.ownPeerId) return settled(topic, 'own')
    const { data, sequenceNumber } = message
    const hop = hopId.toString()
    // Nobody is blamed for it: neighbours pass on what they do not recognise, and the signer did nothing.
    if (isReplay(signer, sequenceNumber)) {
      onReplay(hop)
      return settled(topic, 'replayed')
    }
    if (pending >= options.maxPending) return settled(topic, 'busy')
    const judged = (verdict: RouterVerdict) =>
      settled(topic, verdict === 'accept' && data.byteLength > options.maxSharedBytes ? 'accept-only' : verdict)
    try {
      const verdict = judge({ topic, data, signer, sequenceNumber, hop, hopAddress: addressOf(hop) })
      if (typeof verdict === 'string') return judged(verdict)
      pending += 1
      return verdict
        .then(judged, (error) => failed(topic, error))
        .finally(() => {
          pending -= 1
        })
    } catch (error) {
      return failed(topic, error)
    }
  }
}
