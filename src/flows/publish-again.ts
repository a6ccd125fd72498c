import type { AnnouncementType } from '../messages/announcement.ts'

export interface PublishAgainOptions {
  /** What was published so shortly before the last listener went may have gone with it. */
  readonly windowMs: number
  readonly maxMessages: number
  /** A listener may be known a moment before it can be reached. */
  readonly retryMs: number
}

export interface PublishAgainDeps {
  /** Resolves with the number of peers of other nodes that it was handed to. */
  readonly publish: (type: AnnouncementType, data: Uint8Array) => Promise<number>
  /** Whether any peer of another node listens to anything. */
  readonly isHeard: () => boolean
  readonly onPublishedAgain: () => void
  /** A try that failed; what is left is tried again. */
  readonly onError: (error: unknown) => void
  readonly now: () => number
}

interface Message {
  readonly type: AnnouncementType
  readonly data: Uint8Array
  readonly at: number
}

/**
 * Gossip knows no acknowledgement: what was handed to a peer that dies in the next moment is lost with it, although its
 * offset has been committed. So when the last listener goes, what was published just before is kept, and is published once
 * more when somebody listens again. Whoever has heard it drops the repeat. Not by committing later, because the offsets of
 * all that is published in such a window would have to wait, and with them the throughput.
 */
export class PublishAgain {
  readonly #options: PublishAgainOptions
  readonly #deps: PublishAgainDeps
  #recent: Message[] = []
  #kept: Message[] = []
  #isPublishing = false
  #isStopped = false
  #retry: NodeJS.Timeout | undefined

  constructor(options: PublishAgainOptions, deps: PublishAgainDeps) {
    this.#options = options
    this.#deps = deps
  }

  async publish(type: AnnouncementType, data: Uint8Array): Promise<number> {
    const recipients = await this.#deps.publish(type, data)
    if (recipients > 0) this.#remember({ type, data, at: this.#deps.now() })
    return recipients
  }

  /** To be called when a peer came, went, or changed what it listens to. */
  peersChanged(): void {
    if (this.#deps.isHeard()) void this.#publishKept()
    else this.#keepRecent()
  }

  /** How many messages wait for a listener. */
  kept(): number {
    return this.#kept.length
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#retry)
  }

  #remember(message: Message): void {
    const { maxMessages } = this.#options
    this.#recent.push(message)
    if (this.#recent.length >= 2 * maxMessages) this.#recent = this.#recent.slice(-maxMessages)
    if (!this.#deps.isHeard()) this.#keepRecent() // the listener went while the message was on its way
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
    // Only what is kept now: what a listener that goes once more gives back waits for the next one.
    const messages = this.#kept.splice(0)
    for (const [index, message] of messages.entries()) {
      if (await this.#publishOne(message)) continue
      this.#kept = [...messages.slice(index), ...this.#kept].slice(-this.#options.maxMessages)
      if (!this.#isStopped) this.#retry = setTimeout(() => this.peersChanged(), this.#options.retryMs)
      break
    }
    this.#isPublishing = false
  }

  async #publishOne(message: Message): Promise<boolean> {
    try {
      if ((await this.publish(message.type, message.data)) > 0) {
        this.#deps.onPublishedAgain()
        return true
      }
    } catch (error) {
      this.#deps.onError(error)
    }
    return false
  }
}
