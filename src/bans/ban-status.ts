import type { Logger } from 'pino'
import type { BanMirrorState } from './ban-mirror.ts'
import type { BanStore } from './ports.ts'

export interface BanStatusOptions {
  readonly bridgeId: string
  /** Shown while all is well, for a store with limits that an operator would not expect. */
  readonly caveat?: string
}

export interface BanStatusDeps {
  readonly store: Pick<BanStore, 'awayWords' | 'remark'>
  readonly health: { ready(detail?: string): void; notReady(reason: string): void }
  readonly metrics: { readonly storeUp: { set(value: number): void } }
  readonly log: Logger
}

/** The last known bans stay in force, so only a bridge that never had a list must refuse all peers. */
const AWAY = {
  'away-with': { isReady: true, text: 'bans stay as they are and commands wait' },
  'away-without': { isReady: false, text: 'no peer is let in before the list was read once' },
  fallback: { isReady: true, text: 'bans are those last published and commands wait' },
} as const

/** What the health report says of the ban list: what came of the last reading and of the last writing. */
export class BanStatus {
  readonly #options: BanStatusOptions
  readonly #deps: BanStatusDeps
  #reading: BanMirrorState | undefined
  #writeError: Error | undefined

  constructor(options: BanStatusOptions, deps: BanStatusDeps) {
    this.#options = options
    this.#deps = deps
  }

  read(state: BanMirrorState): void {
    const { log, store } = this.#deps
    this.#reading = state
    const { bridgeId } = this.#options
    if (state.kind === 'level') log.debug({ bridgeId }, 'ban list is level with its store')
    else if (state.isNew) log.warn({ bridgeId, err: state.error }, `${store.awayWords}, ${AWAY[state.kind].text}`)
    this.refresh()
  }

  /** What became of the last attempt to change the store; undefined is a success. */
  wrote(error: Error | undefined): void {
    const isNew = error !== undefined && this.#writeError === undefined
    this.#writeError = error
    if (isNew) this.#deps.log.warn({ bridgeId: this.#options.bridgeId, err: error }, 'the ban store takes no changes, commands wait')
    this.refresh()
  }

  /** Whether the last attempt to change the store failed. */
  get isWriteFailing(): boolean {
    return this.#writeError !== undefined
  }

  /** Says again how it stands: the remark of the store may have changed. */
  refresh(): void {
    const { health, metrics } = this.#deps
    const state = this.#reading
    if (!state) return
    metrics.storeUp.set(state.kind === 'level' && !this.#writeError ? 1 : 0)
    const { sentence, isReady } = state.kind === 'level' ? this.#levelText() : this.#awayText(state)
    if (isReady) health.ready(sentence)
    else health.notReady(sentence ?? '')
  }

  #levelText(): { sentence: string | undefined; isReady: boolean } {
    const failure =
      this.#writeError && `the ban store takes no changes (${this.#writeError.message}): bans stay as they are and commands wait`
    return { sentence: failure ?? this.#deps.store.remark?.() ?? this.#options.caveat, isReady: true }
  }

  #awayText({ kind, error }: Exclude<BanMirrorState, { kind: 'level' }>): { sentence: string; isReady: boolean } {
    const { text, isReady } = AWAY[kind]
    return { sentence: `${this.#deps.store.awayWords} (${error.message}): ${text}`, isReady }
  }
}
