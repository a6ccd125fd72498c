import type { Connection, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { callWithDeadline } from '../../lifecycle/time.ts'
import { ipOf } from '../node/addresses.ts'
import type { GossipNode } from '../node/node.ts'
import { readStream } from '../node/read-stream.ts'

/** Teranode's protocol: one JSON object for each stream, then its end. */
export const DIRECT_PROTOCOL = 'teranode/bitcoin/1.0.0'
export const MAX_OBJECT_BYTES = 64 * 1024
export const MAX_STREAMS_PER_PEER = 8

/** An object from a peer that proved its id by the connection. */
export interface DirectObject {
  readonly peerId: string
  readonly address: string | null
  readonly data: Uint8Array
}

/** How a stream ended. They are metric labels. */
export type DirectOutcome = 'received' | 'sent' | 'too-large' | 'too-many' | 'failed'

export interface DirectStreamsDeps {
  readonly node: Pick<GossipNode, 'handle' | 'getConnections'>
  readonly onObject: (object: DirectObject) => void
  readonly onOutcome: (outcome: DirectOutcome) => void
}

/** Objects to and from one peer, on streams with a limit of size, of time and of number. */
export function createDirectStreams({ timeoutMs = 10_000 }: { timeoutMs?: number }, { node, onObject, onOutcome }: DirectStreamsDeps) {
  const stopping = new AbortController()
  const open = new Map<string, number>()

  async function receive(stream: Stream, connection: Connection): Promise<void> {
    const peerId = connection.remotePeer.toString()
    const count = open.get(peerId) ?? 0
    if (count >= MAX_STREAMS_PER_PEER) return refuse(stream, 'too-many')
    open.set(peerId, count + 1)
    try {
      const data = await callWithDeadline({ ms: timeoutMs, what: 'a direct stream', signal: stopping.signal }, () =>
        readStream(stream, { maxBytes: MAX_OBJECT_BYTES }),
      )
      if (data === undefined) return refuse(stream, 'too-large')
      onOutcome('received')
      onObject({ peerId, address: ipOf(connection.remoteAddr), data })
      await callWithDeadline({ ms: timeoutMs, what: 'closing a direct stream', signal: stopping.signal }, (signal) =>
        stream.close({ signal }),
      )
    } catch {
      refuse(stream, 'failed')
    } finally {
      const left = (open.get(peerId) ?? 1) - 1
      if (left > 0) open.set(peerId, left)
      else open.delete(peerId)
    }
  }

  function refuse(stream: Stream, outcome: DirectOutcome): void {
    onOutcome(outcome)
    stream.abort(new Error(`direct stream ended: ${outcome}`))
  }

  async function write(connection: Connection, data: Uint8Array, signal: AbortSignal): Promise<void> {
    const stream = await connection.newStream(DIRECT_PROTOCOL, { signal })
    try {
      stream.send(data)
      await stream.close({ signal })
    } catch (error) {
      stream.abort(new Error('direct stream failed', { cause: error }))
      throw error
    }
  }

  return {
    /** Call before the node starts, so that identify tells peers of the protocol. */
    async start(): Promise<void> {
      // More may come in than are taken: those are refused here, where they are counted.
      await node.handle(DIRECT_PROTOCOL, receive, { maxInboundStreams: 64, maxOutboundStreams: MAX_STREAMS_PER_PEER })
    },
    /** Sends to a connected peer; it never dials. */
    async send(peerId: string, data: Uint8Array): Promise<void> {
      const [connection] = node.getConnections(peerIdFromString(peerId))
      if (!connection) throw new Error(`${peerId} is not connected`)
      const limit = { ms: timeoutMs, what: 'sending on a direct stream', signal: stopping.signal }
      await callWithDeadline(limit, (signal) => write(connection, data, signal))
      onOutcome('sent')
    },
    stop(): void {
      stopping.abort()
    },
  }
}

export type DirectStreams = ReturnType<typeof createDirectStreams>
