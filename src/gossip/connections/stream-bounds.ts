import type { Connection, Stream } from '@libp2p/interface'
import { TokenBucket } from '../../lifecycle/pace/token-bucket.ts'
import { boundAnswers } from './answer-bounds.ts'

/** Streams that a peer has open on a connection, before and after a protocol is agreed on. Honest peers have some ten. */
export const MAX_STREAMS_PER_CONNECTION = 64
/** Streams that a peer opens. A node that joins a DHT or looks for peers opens some ten at once, and may ask 50 times a second. */
const NEW_STREAMS = { perSecond: 60, burst: 300 } as const
/** A connection that goes on beyond it is closed. */
const MAX_REFUSED_STREAMS = 500

export interface StreamBoundsDeps {
  readonly onRefused: (reason: 'too-many-streams' | 'endless-negotiation') => void
  readonly now: () => number
}

/** The part of libp2p's connection that its published type leaves out. */
interface WithMuxer {
  readonly muxer?: { addEventListener(type: 'stream', listener: (event: CustomEvent<Stream>) => void): void }
}

/**
 * Bounds the streams that a peer opens on a connection, at a time and by rate. Unpatched, libp2p bounds them by protocol, so by nothing as
 * long as the peer does not say which protocol a stream is for, or ends each at once; and it refuses without a trace.
 */
export function boundStreams(connection: Connection, { onRefused, now }: StreamBoundsDeps): void {
  let refused = 0
  const opened = new TokenBucket(NEW_STREAMS.burst, now())
  const { muxer } = connection as Connection & WithMuxer
  muxer?.addEventListener('stream', ({ detail: stream }) => {
    const isWithin = opened.tryTake(now(), NEW_STREAMS)
    if (isWithin && connection.streams.length <= MAX_STREAMS_PER_CONNECTION) {
      boundAnswers(stream, { isAgreed: () => stream.protocol !== '', onRefused: () => onRefused('endless-negotiation') })
      return
    }
    refused += 1
    onRefused('too-many-streams')
    stream.abort(
      new Error(`more than ${MAX_STREAMS_PER_CONNECTION} streams on a connection, or ${NEW_STREAMS.perSecond} new ones a second`),
    )
    if (refused >= MAX_REFUSED_STREAMS) connection.abort(new Error('too many streams'))
  })
}
