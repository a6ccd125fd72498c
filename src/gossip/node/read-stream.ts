import type { Stream } from '@libp2p/interface'

export interface ReadStreamOptions {
  readonly maxBytes: number
  /** Ends the reading early: what has come is all that is wanted. */
  readonly isComplete?: (bytes: Buffer) => boolean
}

/**
 * Everything that the peer sends on a stream, up to its end; undefined when that is more than `maxBytes`. Rejects when the stream is
 * reset or aborted, so the caller gives it a deadline by aborting the stream.
 *
 * Used instead of `for await (const chunk of stream)`: that waits for the moment at which the peer ends its half. A Go peer sends the name
 * of the protocol, its data and the end at once, so the moment is over before the protocol's handler runs, and the loop never ends.
 */
export function readStream(
  stream: Stream,
  { maxBytes, isComplete = () => false }: ReadStreamOptions,
): Promise<Buffer<ArrayBuffer> | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let bytes = 0
    const finish = (settle: () => void) => {
      stream.removeEventListener('message', onMessage)
      stream.removeEventListener('remoteCloseWrite', onEnd)
      stream.removeEventListener('close', onClose)
      settle()
    }
    const onMessage = ({ data }: { data: Uint8Array | { subarray(): Uint8Array } }) => {
      const chunk = data instanceof Uint8Array ? data : data.subarray()
      bytes += chunk.byteLength
      if (bytes > maxBytes) return finish(() => resolve(undefined))
      chunks.push(chunk)
      if (hasEnded(stream) || isComplete(Buffer.concat(chunks))) finish(() => resolve(Buffer.concat(chunks)))
    }
    const onEnd = () => {
      if (hasEnded(stream)) finish(() => resolve(Buffer.concat(chunks)))
    }
    const onClose = ({ error }: { error?: Error }) => {
      if (error) finish(() => reject(error))
      else onEnd()
    }
    stream.addEventListener('message', onMessage)
    stream.addEventListener('remoteCloseWrite', onEnd)
    stream.addEventListener('close', onClose)
    onEnd()
  })
}

/** Nothing waits to be read, and nothing more comes. What came during the negotiation of the protocol waits in the stream. */
function hasEnded({ remoteWriteStatus, readBufferLength }: Stream): boolean {
  return remoteWriteStatus === 'closed' && readBufferLength === 0
}
