import type { Connection, Stream } from '@libp2p/interface'

/** Streams that a peer has open on a connection, before and after a protocol is agreed on. Honest peers have some ten. */
export const MAX_STREAMS_PER_CONNECTION = 64
/** A connection that goes on beyond it is closed. */
const MAX_REFUSED_STREAMS = 500

export interface StreamBoundsDeps {
  readonly onRefused: (connection: Connection) => void
}

/** The part of libp2p's connection that its published type leaves out. */
interface WithMuxer {
  readonly muxer?: { addEventListener(type: 'stream', listener: (event: CustomEvent<Stream>) => void): void }
}

/**
 * Bounds the streams that a peer opens on a connection. Unpatched, libp2p bounds them by protocol, so by nothing as long as the peer does not
 * say which protocol a stream is for, and refuses without a trace.
 */
export function boundStreams(connection: Connection, { onRefused }: StreamBoundsDeps): void {
  let refused = 0
  const { muxer } = connection as Connection & WithMuxer
  muxer?.addEventListener('stream', ({ detail: stream }) => {
    if (connection.streams.length <= MAX_STREAMS_PER_CONNECTION) return
    refused += 1
    onRefused(connection)
    stream.abort(new Error(`more than ${MAX_STREAMS_PER_CONNECTION} streams on a connection`))
    if (refused >= MAX_REFUSED_STREAMS) connection.abort(new Error('too many streams'))
  })
}
