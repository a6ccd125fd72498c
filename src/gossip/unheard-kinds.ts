import type { Clock } from '../lifecycle/clock.ts'

export interface UnheardKindsOptions<Kind> {
  readonly kinds: readonly Kind[]
  /** How long a kind must have no listener: a peer's subscriptions arrive a moment after its connection. */
  readonly afterMs: number
}

export interface UnheardKindsDeps<Kind> {
  /** Whether a peer of another node listens to this kind. */
  readonly isHeard: (kind: Kind) => boolean
  readonly clock: Pick<Clock, 'steady'>
}

/**
 * Knows the kinds that no peer listens to while peers listen to other kinds. Messages of an unheard kind are not kept, because they
 * would delay the other kinds. While no peer listens to any kind, no kind counts as unheard.
 */
export class UnheardKinds<Kind> {
  readonly #options: UnheardKindsOptions<Kind>
  readonly #deps: UnheardKindsDeps<Kind>
  readonly #since = new Map<Kind, number>()

  constructor(options: UnheardKindsOptions<Kind>, deps: UnheardKindsDeps<Kind>) {
    this.#options = options
    this.#deps = deps
  }

  /** Call when a peer connects, disconnects, or changes its subscriptions. */
  peersChanged(): void {
    const { isHeard, clock } = this.#deps
    const heard = new Set(this.#options.kinds.filter(isHeard))
    for (const kind of this.#options.kinds) {
      if (heard.size === 0 || heard.has(kind)) this.#since.delete(kind)
      else if (!this.#since.has(kind)) this.#since.set(kind, clock.steady())
    }
  }

  isUnheard(kind: Kind): boolean {
    this.peersChanged() // we can learn that a peer is a sibling without a change among the peers
    const since = this.#since.get(kind)
    return since !== undefined && this.#deps.clock.steady() - since >= this.#options.afterMs
  }
}
