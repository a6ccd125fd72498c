import type { Stream } from '@libp2p/interface'

/** Must be above the largest RPC, because an RPC that has not arrived completely counts as backlog too. */
const RESUME_BELOW = (1 << 20) + (64 << 10)
const PAUSE_ABOVE = RESUME_BELOW + (256 << 10)

/**
 * Stops a stream while too much of it waits to be worked on: its peer then cannot send more. Unpatched, libp2p takes whatever comes and
 * keeps it in memory, however slowly it is worked on.
 */
export class Backlog {
  readonly #stream: Pick<Stream, 'readStatus' | 'pause' | 'resume' | 'addEventListener'>
  #bytes = 0

  constructor(stream: Pick<Stream, 'readStatus' | 'pause' | 'resume' | 'addEventListener'>) {
    this.#stream = stream
    stream.addEventListener('message', ({ data }) => {
      this.#bytes += data.byteLength
      // Not at once: while a stream resumes it hands over what it has, and would then tell the peer to go on although it is paused again.
      if (this.#bytes > PAUSE_ABOVE) queueMicrotask(() => this.#pause())
    })
  }

  #pause(): void {
    if (this.#bytes > PAUSE_ABOVE && this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  /** An RPC of this size has been worked on. */
  done(rpcBytes: number): void {
    this.#bytes -= rpcBytes + prefixBytes(rpcBytes)
    if (this.#stream.readStatus === 'paused' && this.#bytes < RESUME_BELOW) this.#stream.resume()
  }
}

/** Size of the length that stands before an RPC. */
function prefixBytes(rpcBytes: number): number {
  return rpcBytes < 1 << 7 ? 1 : rpcBytes < 1 << 14 ? 2 : 3
}
