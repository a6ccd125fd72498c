import type { Logger } from 'pino'
import type { KnownPeers } from '../peers/ports.ts'
import { Arrivals } from './connections/arrivals.ts'
import type { ConnectionBook } from './connections/connection-book.ts'
import { KeptOut } from './connections/kept-out.ts'
import { Places } from './connections/places.ts'
import { createInboundRate } from './messages/inbound-rate.ts'
import { networkOfIp } from './node/addresses.ts'
import type { NodeDeps } from './node/node.ts'
import type { Refusals } from './refusals.ts'

export interface StrangersOptions {
  /** `gossip_inbound_rate`: messages verified a second, 0 is off. Asked each time: a reload may change it. */
  readonly inboundRate: number
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  readonly maxConnectionsPerSecondAndAddress: number
}

export interface StrangersDeps {
  readonly book: Pick<ConnectionBook, 'addressOf' | 'abort'>
  readonly known: Pick<KnownPeers, 'has' | 'all'>
  readonly refusals: Pick<Refusals, 'count'>
  readonly log: Logger
  readonly now: () => number
}

/**
 * Messages of signers without an Ed25519 key, a second in total: JavaScript needs up to 5 ms to verify one (secp256k1), thirty times as
 * long as an Ed25519 signature. No node of this network has such a key by default, so ten a second are plenty.
 */
const SLOW_KEYS_PER_SECOND = 10

/** What strangers may cost: places, and what is checked of their messages before signatures are. */
export function createStrangers(options: StrangersOptions, { book, known, refusals, log, now }: StrangersDeps) {
  const { maxConnections, maxConnectionsPerAddress: maxPerAddress } = options
  const keptOut = new KeptOut({ now })
  const rates = {
    ed25519: createInboundRate(
      {
        get ratePerSecond() {
          return options.inboundRate
        },
      },
      { now },
    ),
    slow: createInboundRate({ ratePerSecond: SLOW_KEYS_PER_SECOND }, { now }),
  }
  const stopping = new AbortController()

  const guard: NonNullable<NodeDeps['guard']> = {
    rate: {
      get messagesPerSecond() {
        return options.inboundRate
      },
    },
    refuse(hop, signer, key) {
      if (keptOut.hasPeer(hop)) return 'kept-out'
      if (rates[key].admit(hop, signer)) return undefined
      return key === 'slow' ? 'over-rate-slow-key' : 'over-rate'
    },
    onRefused: (reason, peerId) => refusals.count(reason, { peerId, address: book.addressOf(peerId) }),
    onOffence(peerId) {
      const address = book.addressOf(peerId)
      const isNews = !keptOut.hasPeer(peerId)
      if (!keptOut.offence(peerId, address === null ? null : networkOfIp(address))) return
      if (isNews)
        log.warn({ peerId, address }, 'neighbour disconnected and kept out for ten minutes: it sent messages with forged signatures')
      book.abort(peerId, 'it sends messages with forged signatures')
    },
    now,
    signal: stopping.signal,
  }
  return {
    guard,
    keptOut,
    arrivals: new Arrivals({ perSecond: options.maxConnectionsPerSecondAndAddress }, { now }),
    places: new Places({ maxConnections, maxPerAddress }, { known }),
    /** The same rate for objects that do not come by gossip. `peerId` proved its id by the connection. */
    admit(peerId: string): boolean {
      const isAdmitted = rates.ed25519.admit(peerId, peerId)
      if (!isAdmitted) refusals.count('over-rate', { peerId, address: book.addressOf(peerId) })
      return isAdmitted
    },
    stop: () => stopping.abort(),
  }
}

export type Strangers = ReturnType<typeof createStrangers>
