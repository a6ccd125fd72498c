import type uWS from 'uWebSockets.js'

export interface Responding<T> {
  respond(value: T): void
  /** The client has left meanwhile: there is nobody to respond to. */
  left(value: T): void
  failed(error: unknown): void
}

/**
 * Responds at once, or when the promise is fulfilled. uWebSockets.js needs a handler of the client's leaving when the response comes later,
 * and ends the process if a response is used after that.
 */
export function respondWhen<T>(response: uWS.HttpResponse, value: T | Promise<T>, { respond, left, failed }: Responding<T>): void {
  if (!(value instanceof Promise)) {
    respond(value)
    return
  }
  let isHere = true
  response.onAborted(() => {
    isHere = false
  })
  value.then((found) => (isHere ? response.cork(() => respond(found)) : left(found))).catch(failed)
}
