import type { Connection } from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'
import type { Logger } from 'pino'
import { callWithDeadline } from '../../lifecycle/time.ts'

const pingProtocol = '/ipfs/ping/1.0.0'
const pingBytes = 32

export interface LivenessOptions {
  readonly timeoutMs?: number
  readonly maxFailures?: number
}

export interface LivenessDeps {
  readonly log: Logger
  readonly connections: () => Connection[]
  readonly onAbort: () => void
  /** Called when a peer has answered the ping that was sent at `askedAt`: it has read all that was sent to it before. */
  readonly onAnswer: (peerId: string, askedAt: number) => void
  readonly now: () => number
}

/**
 * Pings every connection and aborts it after three failures in a row. libp2p's own monitor aborts after the first, so a peer that
 * pauses for a few seconds loses its connection and messages. Without a monitor, a dead connection would stay until TCP times out.
 */
export function createLivenessCheck(options: LivenessOptions, { log, connections, onAbort, onAnswer, now }: LivenessDeps) {
  const { timeoutMs = 10_000, maxFailures = 3 } = options
  const failures = new Map<string, number>()

  async function check(connection: Connection, stopped: AbortSignal): Promise<void> {
    const askedAt = now()
    try {
      await callWithDeadline({ ms: timeoutMs, what: 'a ping', signal: stopped }, (signal) => ping(connection, signal))
      failures.delete(connection.id)
      onAnswer(connection.remotePeer.toString(), askedAt)
    } catch (error) {
      if (stopped.aborted || connection.status !== 'open') return
      const count = (failures.get(connection.id) ?? 0) + 1
      failures.set(connection.id, count)
      if (count < maxFailures) return
      onAbort()
      log.info({ peerId: connection.remotePeer.toString(), failures: count, err: error }, 'peer does not answer pings, connection closed')
      connection.abort(new Error(`${count} pings in a row were not answered`))
    }
  }

  /** Pings all connections once; call it every 10 seconds. */
  return async function round(stopped: AbortSignal): Promise<void> {
    const open = connections()
    const ids = new Set(open.map(({ id }) => id))
    for (const id of failures.keys()) if (!ids.has(id)) failures.delete(id)
    await Promise.all(open.map((connection) => check(connection, stopped)))
  }
}

async function ping(connection: Connection, signal: AbortSignal): Promise<void> {
  try {
    const stream = await connection.newStream(pingProtocol, { signal })
    try {
      const bytes = byteStream(stream)
      await Promise.all([
        bytes.write(crypto.getRandomValues(new Uint8Array(pingBytes)), { signal }),
        bytes.read({ bytes: pingBytes, signal }),
      ])
      await stream.close({ signal })
    } catch (error) {
      stream.abort(new Error('ping failed', { cause: error }))
      throw error
    }
  } catch (error) {
    // A peer that refuses the protocol has answered.
    if (!(error instanceof Error && error.name === 'UnsupportedProtocolError')) throw error
  }
}
