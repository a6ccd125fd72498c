export interface PublishAgainOptions<Kind> {
  /** How long a listener that has received a message may need until the message has its effect there. */
  readonly effectMs: number
  /** Upper bound on the age of a message that is published again. */
  readonly maxAgeMs: number
  readonly maxMessages: number
  /** Messages that have waited longer for a listener are dropped. */
  readonly keptMaxAgeMs: number
  /** The newest message of this kind is never too old. */
  readonly lastingKind: Kind
  /** Pause after a failed attempt: a peer is known a moment before it can be reached. */
  readonly retryMs: number
}

export interface PublishAgainDeps<Kind> {
  /** Resolves with the number of peers of other nodes that received the message. */
  readonly publish: (kind: Kind, data: Uint8Array, signal?: AbortSignal) => Promise<number>
  /** Whether any peer of another node is subscribed to any topic. */
  readonly isHeard: () => boolean
  readonly onPublishedAgain: () => void
  /** Called for each message that has waited too long. */
  readonly onTooOld: (kind: Kind) => void
  /** Called when an attempt failed. The remaining messages are tried again. */
  readonly onError: (error: unknown) => void
  readonly now: () => number
}

interface Message<Kind> {
  readonly kind: Kind
  readonly data: Uint8Array
  readonly at: number
}

/** A listener that is silent for `maxAgeMs` has lost its connection by then: see the liveness check. */
export const PUBLISH_AGAIN = { effectMs: 2000, maxAgeMs: 60_000, maxMessages: 5000, retryMs: 500 } as const

/**
 * Publishes the latest messages again after the last listener was lost.
 *
 * Gossip has no acknowledgement: when a peer dies just after it received a message, the message is lost although its offset is
 * committed. A listener that answers a ping has read all that was sent to it before the ping. So the messages since the last answered
 * ping, and those of `effectMs` before it, are kept when the last listener leaves, and published again when a peer listens. A window of
 * fixed length would lose messages on an overloaded machine, where a peer reads late and its end is noticed late. Peers that already
 * have a message drop the duplicate. Committing later instead would delay all offsets, and lower the throughput.
 */
export class PublishAgain<Kind extends string> {
  readonly #options: PublishAgainOptions<Kind>
  readonly #deps: PublishAgainDeps<Kind>
  #recent: Message<Kind>[] = []
  #kept: Message<Kind>[] = []
  /** When the latest ping that a listener answered was sent. */
  #answeredAt = Number.NEGATIVE_INFINITY
  #isPublishing = false
  #isStopped = false
  #retry: NodeJS.Timeout | undefined

  constructor(options: PublishAgainOptions<Kind>, deps: PublishAgainDeps<Kind>) {
    this.#options = options
    this.#deps = deps
  }

  /** The signal ends the wait for the message's turn. */
  async publish(kind: Kind, data: Uint8Array, signal?: AbortSignal): Promise<number> {
    const recipients = await this.#deps.publish(kind, data, signal)
    if (recipients > 0) this.#remember({ kind, data, at: this.#deps.now() })
    return recipients
  }

  /** Call when a peer connects, disconnects, or changes its subscriptions. */
  peersChanged(): void {
    if (this.#deps.isHeard()) void this.#publishKept()
    else this.#keepRecent()
  }

  /** Call when a listener has answered a ping that was sent at `askedAt`. */
  answered(askedAt: number): void {
    this.#answeredAt = Math.max(this.#answeredAt, askedAt)
    this.#recent = this.#uncertain()
  }

  /** Number of messages that wait for a listener. */
  kept(): number {
    return this.#kept.length
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#retry)
  }

  #remember(message: Message<Kind>): void {
    const { maxMessages } = this.#options
    this.#recent.push(message)
    if (this.#recent.length >= 2 * maxMessages) this.#recent = this.#recent.slice(-maxMessages)
    if (!this.#deps.isHeard()) this.#keepRecent() // the listener left during the publish
  }

  #keepRecent(): void {
    this.#kept = [...this.#kept, ...this.#uncertain()].slice(-this.#options.maxMessages)
    this.#recent = []
  }

  /** The messages that no listener is known to have dealt with. */
  #uncertain(): Message<Kind>[] {
    const { effectMs, maxAgeMs } = this.#options
    const since = Math.max(this.#answeredAt - effectMs, this.#deps.now() - maxAgeMs)
    return this.#recent.filter(({ at }) => at >= since)
  }

  async #publishKept(): Promise<void> {
    if (this.#isPublishing) return
    this.#isPublishing = true
    clearTimeout(this.#retry)
    // Only the messages kept so far: those kept while this runs have their turn after it.
    const messages = this.#withoutOld(this.#kept.splice(0))
    for (const [index, message] of messages.entries()) {
      if (await this.#publishOne(message)) continue
      this.#kept = [...messages.slice(index), ...this.#kept].slice(-this.#options.maxMessages)
      break
    }
    this.#isPublishing = false
    // Whoever listens may have come while this ran, and may be the last to come for hours.
    if (this.#kept.length > 0 && !this.#isStopped) this.#retry = setTimeout(() => this.peersChanged(), this.#options.retryMs)
  }

  #withoutOld(messages: readonly Message<Kind>[]): Message<Kind>[] {
    const { keptMaxAgeMs, lastingKind } = this.#options
    const since = this.#deps.now() - keptMaxAgeMs
    const lasting = messages.findLast(({ kind }) => kind === lastingKind)
    return messages.filter((message) => {
      if (message.at >= since || message === lasting) return true
      this.#deps.onTooOld(message.kind)
      return false
    })
  }

  async #publishOne(message: Message<Kind>): Promise<boolean> {
    try {
      if ((await this.publish(message.kind, message.data)) > 0) {
        this.#deps.onPublishedAgain()
        return true
      }
    } catch (error) {
      this.#deps.onError(error)
    }
    return false
  }
}
