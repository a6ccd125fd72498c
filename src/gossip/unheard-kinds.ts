import type { Clock } from '../lifecycle/clock.ts'

export interface UnheardKindsOptions<Kind> {
  readonly kinds: readonly Kind[]
  /** How long nobody must have listened to a kind: a peer's subscriptions come a moment after its connection. */
  readonly afterMs: number
}

export interface UnheardKindsDeps<Kind> {
  /** Whether a peer of another node listens to that kind. */
  readonly isHeard: (kind: Kind) => boolean
  readonly clock: Pick<Clock, 'steady'>
}

/**
 * Which kinds of messages nobody listens to although peers listen to others. It makes no sense to keep those: they would hold up the
 * kinds that somebody waits for. While nobody listens to anything no kind counts as unheard.
 */
export class UnheardKinds<Kind> {
  readonly #options: UnheardKindsOptions<Kind>
  readonly #deps: UnheardKindsDeps<Kind>
  readonly #since = new Map<Kind, number>()

  constructor(options: UnheardKindsOptions<Kind>, deps: UnheardKindsDeps<Kind>) {
    this.#options = options
    this.#deps = deps
  }

  /** To be called when a peer came, went, or changed its subscriptions. */
  peersChanged(): void {
    const { isHeard, clock } = this.#deps
    const heard = new Set(this.#options.kinds.filter(isHeard))
    for (const kind of this.#options.kinds) {
      if (heard.size === 0 || heard.has(kind)) this.#since.delete(kind)
      else if (!this.#since.has(kind)) this.#since.set(kind, clock.steady())
    }
  }

  isUnheard(kind: Kind): boolean {
    this.peersChanged() // a sibling is found out to be one without a change among the peers
    const since = this.#since.get(kind)
    return since !== undefined && this.#deps.clock.steady() - since >= this.#options.afterMs
  }
}
