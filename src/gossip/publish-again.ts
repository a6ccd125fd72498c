export interface PublishAgainOptions {
  /** Messages published within this time before the last listener left may be lost. */
  readonly windowMs: number
  readonly maxMessages: number
  /** Pause after a failed attempt: a peer is known a moment before it can be reached. */
  readonly retryMs: number
}

export interface PublishAgainDeps<Kind> {
  /** Resolves with the number of peers of other nodes that received the message. */
  readonly publish: (kind: Kind, data: Uint8Array) => Promise<number>
  /** Whether any peer of another node is subscribed to any topic. */
  readonly isHeard: () => boolean
  readonly onPublishedAgain: () => void
  /** Called when an attempt failed. The remaining messages are tried again. */
  readonly onError: (error: unknown) => void
  readonly now: () => number
}

interface Message<Kind> {
  readonly kind: Kind
  readonly data: Uint8Array
  readonly at: number
}

/**
 * Publishes the latest messages again after the last listener was lost.
 *
 * Gossip has no acknowledgement: when a peer dies just after it received a message, the message is lost although its offset is
 * committed. So the messages of the last `windowMs` are kept when the last listener leaves, and published again when a peer
 * listens. Peers that already have them drop the duplicate. Committing later instead would delay all offsets by that window,
 * and lower the throughput.
 */
export class PublishAgain<Kind extends string> {
  readonly #options: PublishAgainOptions
  readonly #deps: PublishAgainDeps<Kind>
  #recent: Message<Kind>[] = []
  #kept: Message<Kind>[] = []
  #isPublishing = false
  #isStopped = false
  #retry: NodeJS.Timeout | undefined

  constructor(options: PublishAgainOptions, deps: PublishAgainDeps<Kind>) {
    this.#options = options
    this.#deps = deps
  }

  async publish(kind: Kind, data: Uint8Array): Promise<number> {
    const recipients = await this.#deps.publish(kind, data)
    if (recipients > 0) this.#remember({ kind, data, at: this.#deps.now() })
    return recipients
  }

  /** Call when a peer connects, disconnects, or changes its subscriptions. */
  peersChanged(): void {
    if (this.#deps.isHeard()) void this.#publishKept()
    else this.#keepRecent()
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
    const { windowMs, maxMessages } = this.#options
    const since = this.#deps.now() - windowMs
    this.#kept = [...this.#kept, ...this.#recent.filter(({ at }) => at >= since)].slice(-maxMessages)
    this.#recent = []
  }

  async #publishKept(): Promise<void> {
    if (this.#isPublishing) return
    this.#isPublishing = true
    clearTimeout(this.#retry)
    // Only the messages kept so far: those kept while this runs wait for the next listener.
    const messages = this.#kept.splice(0)
    for (const [index, message] of messages.entries()) {
      if (await this.#publishOne(message)) continue
      this.#kept = [...messages.slice(index), ...this.#kept].slice(-this.#options.maxMessages)
      if (!this.#isStopped) this.#retry = setTimeout(() => this.peersChanged(), this.#options.retryMs)
      break
    }
    this.#isPublishing = false
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
