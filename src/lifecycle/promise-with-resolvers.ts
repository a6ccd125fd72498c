/**
 * Promise.withResolvers for Node 20, where libp2p's streams need it (Node 22 has it). Import this first in every entry
 * point: libp2p captures nothing at import time, but a stream that opens before the polyfill is installed crashes the process.
 */
Promise.withResolvers ??= function withResolvers<T>() {
  let resolve!: (value: T | PromiseLike<T>) => void
  let reject!: (reason?: unknown) => void
  const promise = new Promise<T>((res, rej) => {
    resolve = res
    reject = rej
  })
  return { promise, resolve, reject }
}
