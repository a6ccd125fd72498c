/** An answer of the API: a status and a JSON value. */
export interface Reply {
  readonly status: number
  readonly body: unknown
}

/** A request that is answered with an error. The message says what happened and what to do. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
  readonly code = 'BRIDGE_ADMIN'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

export function badRequest(message: string): AdminError {
  return new AdminError(400, message)
}
