import type { Clock } from '../lifecycle/clock.ts'
import { TokenBucket } from '../lifecycle/pace/token-bucket.ts'
import { sleep } from '../lifecycle/time.ts'
import { encodeBestBlockRequest } from '../messages/dialects/best-block.ts'
import type { LISTEN_MODES } from '../messages/dialects/envelope/node-status.ts'
import { encodeHandshake, type Handshake } from '../messages/dialects/handshake.ts'
import type { Talk } from '../messages/judge-gossip.ts'

/** The best block of the own node, as far as it is known. */
export interface OwnBest {
  readonly hash: string
  readonly height: number
}

export interface HandshakesOptions {
  readonly ownPeerId: string
  /** `full` by default; `listen_only` tells no URL and sends no block, `silent` sends nothing. */
  readonly listenMode?: (typeof LISTEN_MODES)[number]
  readonly dataHubUrl: string
  readonly userAgent: string
  /** `bitcoin/<network>`. */
  readonly topicPrefix: string
  /** The topic is heard by all, so one message serves all peers that came within this time. */
  readonly publishEachMs?: number
}

export interface HandshakesDeps {
  readonly ownBest: () => OwnBest | undefined
  readonly isSibling: (peerId: string) => boolean
  readonly isBanned: (peerId: string) => boolean
  /** Sends an object on a direct stream to a connected peer. Rejects when the peer does not take it. */
  readonly send: (peerId: string, data: Uint8Array) => Promise<void>
  /** Publishes a handshake on its topic. */
  readonly publish: (kind: 'handshake' | 'best-block', data: Uint8Array) => Promise<void>
  /** The own best block as an announcement, for a peer that asks; undefined while unknown. */
  readonly encodeBestBlock: () => Uint8Array | undefined
  /** A peer is ahead of the own node: this is its best block. */
  readonly onAhead: (peerId: string, block: { hash: string; height: number; dataHubUrl: string }) => void
  readonly count: (what: HandshakeOutcome) => void
  readonly clock: Pick<Clock, 'steady'>
  readonly signal: AbortSignal
}

/** What was sent, heard or left out. They are metric labels. */
export type HandshakeOutcome =
  | 'version-sent'
  | 'version-published'
  | 'verack-sent'
  | 'best-block-sent'
  | 'send-failed'
  | 'heard'
  | 'other-network'
  | 'too-often'
  | 'ahead'
  | 'ahead-without-url'

/** A peer may have so many of its messages acted on. An honest one sends one or two for each connection, or names one new best block. */
export const PER_PEER = { perSecond: 0.2, burst: 5 }
const MAX_PEERS = 10_000
const PUBLISH_EACH_MS = 1000

/**
 * Tells each peer our best block, and hears theirs. `version` goes to a peer that has just subscribed, on a direct stream. `verack`
 * answers it, to the author and never to the neighbour that passed it on.
 */
export class Handshakes {
  readonly #options: HandshakesOptions
  readonly #deps: HandshakesDeps
  readonly #buckets = new Map<string, TokenBucket>()
  #publishedAt = Number.NEGATIVE_INFINITY
  #isPublishing = false

  constructor(options: HandshakesOptions, deps: HandshakesDeps) {
    this.#options = options
    this.#deps = deps
  }

  get #isSilent(): boolean {
    return this.#options.listenMode === 'silent'
  }

  get #isAnnouncing(): boolean {
    return (this.#options.listenMode ?? 'full') === 'full'
  }

  /** A peer has subscribed to the topic of handshakes. */
  async subscribed(peerId: string): Promise<void> {
    const { isSibling, isBanned, send, count } = this.#deps
    if (this.#isSilent || isSibling(peerId) || isBanned(peerId)) return
    try {
      await send(peerId, this.#version())
      count('version-sent')
    } catch {
      await this.#publishSoon() // not every node takes direct streams
    }
  }

  /** At once, or at the end of the pause after the last time: whoever came meanwhile hears it too. */
  async #publishSoon(): Promise<void> {
    const { publish, count, clock, signal } = this.#deps
    if (this.#isPublishing) return
    this.#isPublishing = true
    const pauseMs = this.#options.publishEachMs ?? PUBLISH_EACH_MS
    await sleep(Math.max(0, this.#publishedAt + pauseMs - clock.steady()), signal)
    this.#isPublishing = false
    if (signal.aborted) return
    this.#publishedAt = clock.steady()
    await publish('handshake', this.#version()).then(
      () => count('version-published'),
      () => count('send-failed'),
    )
  }

  #version(): Uint8Array {
    return encodeHandshake(this.#own('version', this.#options.topicPrefix))
  }

  /** A message for us. `peerId` is its verified author. */
  async heard(talk: Talk, peerId: string): Promise<void> {
    const { isSibling, isBanned, count } = this.#deps
    if (peerId === this.#options.ownPeerId || isSibling(peerId) || isBanned(peerId)) return
    if (!this.#mayAct(peerId)) return count('too-often')
    if (talk.kind === 'best-block') return this.#answerBestBlock(peerId)
    const { handshake } = talk
    if (handshake.topicPrefix !== null && handshake.topicPrefix !== this.#options.topicPrefix) return count('other-network')
    count('heard')
    this.#compare(handshake, peerId)
    // In the form of the other's era: with the prefix only if it sent one.
    if (handshake.type === 'version' && !this.#isSilent)
      await this.#send(peerId, encodeHandshake(this.#own('verack', handshake.topicPrefix)), 'verack-sent')
  }

  /** Asks all peers for their best block. */
  async askBestBlock(): Promise<void> {
    if (!this.#isSilent) await this.#deps.publish('best-block', encodeBestBlockRequest(this.#options.ownPeerId))
  }

  #compare({ bestHeight: height, bestHash: hash, dataHubUrl }: Handshake, peerId: string): void {
    const { ownBest, onAhead, count } = this.#deps
    if (hash === null || height <= (ownBest()?.height ?? 0)) return
    count(dataHubUrl === '' ? 'ahead-without-url' : 'ahead')
    if (dataHubUrl !== '') onAhead(peerId, { hash, height, dataHubUrl })
  }

  async #answerBestBlock(peerId: string): Promise<void> {
    const block = this.#isAnnouncing ? this.#deps.encodeBestBlock() : undefined
    if (block) await this.#send(peerId, block, 'best-block-sent')
  }

  async #send(peerId: string, data: Uint8Array, outcome: HandshakeOutcome): Promise<void> {
    await this.#deps.send(peerId, data).then(
      () => this.#deps.count(outcome),
      () => this.#deps.count('send-failed'),
    )
  }

  #own(type: Handshake['type'], topicPrefix: string | null): Handshake {
    const { ownPeerId: peerId, userAgent } = this.#options
    const dataHubUrl = this.#isAnnouncing ? this.#options.dataHubUrl : ''
    const best = this.#deps.ownBest()
    return { type, peerId, bestHeight: best?.height ?? 0, bestHash: best?.hash ?? null, dataHubUrl, userAgent, services: 0n, topicPrefix }
  }

  #mayAct(peerId: string): boolean {
    const now = this.#deps.clock.steady()
    const bucket = this.#buckets.get(peerId) ?? new TokenBucket(PER_PEER.burst, now)
    this.#buckets.delete(peerId)
    this.#buckets.set(peerId, bucket)
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size > MAX_PEERS && oldest !== undefined) this.#buckets.delete(oldest)
    return bucket.tryTake(now, PER_PEER)
  }
}
