/** A token, or a function that gives one for each connection: tokens expire. */
export type ClientToken = string | (() => string | Promise<string>)

/** Gives the token of the next connection. One question at a time; `forget` drops the answer to the latest. */
export class TokenSource {
  readonly #token: ClientToken | undefined
  #asked: object | null = null

  constructor(token: ClientToken | undefined) {
    this.#token = token
  }

  /** Whether another try may have another token. */
  get isRenewed(): boolean {
    return typeof this.#token === 'function'
  }

  get isAsked(): boolean {
    return this.#asked !== null
  }

  /** Calls one of the two, at once if the token is at hand. */
  ask(found: (token: string | undefined) => void, failed: (error: unknown) => void): void {
    const token = this.#token
    if (typeof token !== 'function') {
      found(token)
      return
    }
    const asked = {}
    this.#asked = asked
    const answered = () => {
      const isCurrent = this.#asked === asked
      if (isCurrent) this.#asked = null
      return isCurrent
    }
    Promise.resolve()
      .then(token)
      .then(
        (given) => answered() && found(given),
        (error) => answered() && failed(error),
      )
  }

  forget(): void {
    this.#asked = null
  }
}
