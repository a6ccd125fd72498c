import { sleep } from '../lifecycle/time.ts'
import type { Offence } from './offence.ts'

/** A gossip message as far as an offence needs it. */
export interface OffendingMessage {
  readonly topic: string
  readonly signer: string
  readonly sequenceNumber: bigint
}

export interface GossipOffencesDeps {
  /** All offences are of one signer. */
  readonly charge: (offences: readonly [Offence, ...Offence[]]) => Promise<unknown>
  /** Told of offences that are not charged: too many at once, or the store is away. */
  readonly lost: (reason: Offence['reason'], count: number) => void
  /** The store's time, in milliseconds since the epoch: siblings name an offence alike. */
  readonly now: () => number
}

/** At most one write a second and signer. */
const WRITE_EACH_MS = 1000
/** Of one signer between two writes: more than enough for a ban. */
const MAX_PENDING = 10
const MAX_SIGNERS = 10_000
const MINUTE_MS = 60_000
/** Messages within a minute, beyond the rate of their kind, that count as spam; a node that catches up sends fewer. */
const SPAM_PER_MINUTE = 100

interface Rate {
  readonly minute: number
  count: number
}

/**
 * The offences of gossip messages. Nothing waits for the store: offences are kept for a second and written together. Each is named by
 * its message, so that all instances that heard it charge it once.
 */
export class GossipOffences {
  readonly #deps: GossipOffencesDeps
  readonly #pending = new Map<string, [Offence, ...Offence[]]>()
  readonly #rates = new Map<string, Rate>()
  readonly #stopped = new AbortController()
  #writing: Promise<void> | undefined

  constructor(deps: GossipOffencesDeps) {
    this.#deps = deps
  }

  /** A message that breaks a rule which its signer must have known. */
  violated(message: OffendingMessage, rule: string): void {
    const { topic, signer, sequenceNumber } = message
    const cause = `message:${topic}:${sequenceNumber}`
    this.#add({ peerId: signer, reason: 'protocol_violation', cause, evidence: { topic, sequenceNumber: String(sequenceNumber), rule } })
  }

  /** A message beyond the rate of its kind. Only many of them within a minute are an offence. */
  exceededRate({ topic, signer }: OffendingMessage): void {
    const minute = Math.floor(this.#deps.now() / MINUTE_MS)
    const known = this.#rates.get(signer)
    const rate = known?.minute === minute ? known : { minute, count: 0 }
    rate.count += 1
    if (rate === known && rate.count !== SPAM_PER_MINUTE) return
    this.#rates.set(signer, rate)
    const [oldest] = this.#rates.keys()
    if (this.#rates.size > MAX_SIGNERS && oldest !== undefined) this.#rates.delete(oldest)
    if (rate.count !== SPAM_PER_MINUTE) return
    const evidence = { topic, messagesBeyondRate: SPAM_PER_MINUTE, minute: new Date(minute * MINUTE_MS).toISOString() }
    this.#add({ peerId: signer, reason: 'spam', cause: `spam:${minute}`, evidence })
  }

  /** Ends after the write in flight. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#writing
  }

  #add(offence: Offence): void {
    const pending = this.#pending.get(offence.peerId)
    if (pending ? pending.length >= MAX_PENDING : this.#pending.size >= MAX_SIGNERS) this.#deps.lost(offence.reason, 1)
    else if (pending) pending.push(offence)
    else this.#pending.set(offence.peerId, [offence])
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  async #write(): Promise<void> {
    while (this.#pending.size > 0) {
      await sleep(WRITE_EACH_MS, this.#stopped.signal)
      if (this.#stopped.signal.aborted) return
      const batch = [...this.#pending.values()]
      this.#pending.clear()
      for (const offences of batch) {
        await this.#deps.charge(offences).catch(() => this.#deps.lost(offences[0].reason, offences.length)) // the store says that it is away
        if (this.#stopped.signal.aborted) return
      }
    }
  }
}
