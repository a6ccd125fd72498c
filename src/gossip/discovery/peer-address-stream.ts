import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { TokenBucket } from '../../lifecycle/pace/token-bucket.ts'
import { callWithDeadline, unlessAborted } from '../../lifecycle/time.ts'
import type { GossipNode } from '../node/node.ts'
import { readStream } from '../node/read-stream.ts'

/**
 * The stream on which nodes of Teranode's message bus tell each other the addresses of a third one. The asker sends a peer id as text.
 * The answer is a JSON array of multiaddresses, in one piece: the asker reads once. It may keep its side open while it waits, so the
 * answer must not wait for the end of the request.
 */
export const PEER_ADDRESS_PROTOCOL = '/p2p-msg-bus/peer-addr-request/1.0.0'
const MAX_REQUEST_BYTES = 256
const MAX_ANSWER_BYTES = 4096
const MAX_STREAMS_PER_PEER = 4
/** An honest node asks about each author once. */
const REQUESTS = { perSecond: 5, burst: 50 }

/** What became of a request. They are metric labels. */
export type AddressRequestOutcome = 'answered' | 'unknown' | 'too-often' | 'failed'

export interface PeerAddressStreamDeps {
  readonly node: Pick<GossipNode, 'handle'>
  /** The addresses that may be told of a peer; empty if it is unknown. */
  readonly addressesOf: (peer: PeerId) => Promise<readonly string[]>
  readonly onReceived: (outcome: AddressRequestOutcome) => void
  readonly now: () => number
}

/** Answers and asks, on streams with a limit of size, of time and of number. */
export function createPeerAddressStream({ timeoutMs = 5000 }: { timeoutMs?: number }, deps: PeerAddressStreamDeps) {
  const { node, addressesOf, onReceived, now } = deps
  const stopping = new AbortController()
  const buckets = new WeakMap<Connection, TokenBucket>()

  async function receive(stream: Stream, connection: Connection): Promise<void> {
    const bucket = buckets.get(connection) ?? new TokenBucket(REQUESTS.burst, now())
    buckets.set(connection, bucket)
    if (!bucket.tryTake(now(), REQUESTS)) return refuse(stream, 'too-often')
    const limit = { ms: timeoutMs, what: 'a request for addresses', signal: stopping.signal }
    try {
      const addresses = await callWithDeadline(limit, (signal) => answer(stream, signal))
      onReceived(addresses > 0 ? 'answered' : 'unknown')
    } catch {
      return refuse(stream, 'failed')
    }
    // An asker that never closes its side must not keep the stream.
    const closed = callWithDeadline({ ...limit, what: 'the end of a request for addresses' }, (signal) => untilClosed(stream, signal))
    await closed.catch((error: Error) => stream.abort(error))
  }

  async function answer(stream: Stream, signal: AbortSignal): Promise<number> {
    const text = await readText(stream, MAX_REQUEST_BYTES, isPeerId)
    const addresses = await addressesOf(peerIdFromString(text))
    const told = withinBytes(addresses, MAX_ANSWER_BYTES)
    signal.throwIfAborted()
    stream.send(Buffer.from(JSON.stringify(told)))
    await stream.close({ signal })
    return told.length
  }

  function refuse(stream: Stream, outcome: AddressRequestOutcome): void {
    onReceived(outcome)
    stream.abort(new Error(`request for addresses ended: ${outcome}`))
  }

  return {
    /** Call before the node starts, so that identify tells peers of the protocol. */
    async start(): Promise<void> {
      await node.handle(PEER_ADDRESS_PROTOCOL, receive, {
        maxInboundStreams: MAX_STREAMS_PER_PEER,
        maxOutboundStreams: MAX_STREAMS_PER_PEER,
      })
    },
    /** The addresses that the peer behind the connection tells of another one, unchecked. Rejects if it does not answer in time or form. */
    async ask(connection: Connection, about: string, stopped: AbortSignal): Promise<string[]> {
      const limit = { ms: timeoutMs, what: 'asking for addresses', signal: stopped }
      return callWithDeadline(limit, async (signal) => {
        const stream = await connection.newStream(PEER_ADDRESS_PROTOCOL, { signal })
        try {
          stream.send(Buffer.from(about))
          await stream.close({ signal })
          // Reading ends with the stream, and only an abort ends that of a neighbour that never answers.
          return addressList(await unlessAborted(readText(stream, MAX_ANSWER_BYTES), signal))
        } catch (error) {
          stream.abort(new Error('asking for addresses failed', { cause: error }))
          throw error
        }
      })
    },
    stop(): void {
      stopping.abort()
    },
  }
}

export type PeerAddressStream = ReturnType<typeof createPeerAddressStream>

/** The text up to the end of the stream, or until it is complete. */
async function readText(stream: Stream, maxBytes: number, isComplete: (text: string) => boolean = () => false): Promise<string> {
  const textOf = (bytes: Buffer) => bytes.toString().trim()
  const bytes = await readStream(stream, { maxBytes, isComplete: (part) => isComplete(textOf(part)) })
  if (bytes === undefined) throw new Error(`more than ${maxBytes} bytes`)
  return textOf(bytes)
}

async function untilClosed(stream: Stream, signal: AbortSignal): Promise<void> {
  if (stream.status !== 'open') return
  await new Promise<void>((resolve) => {
    stream.addEventListener('close', () => resolve(), { once: true, signal })
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** A part of a peer id is never one: its length is in its first bytes. */
function isPeerId(text: string): boolean {
  try {
    return peerIdFromString(text) !== undefined
  } catch {
    return false
  }
}

function addressList(text: string): string[] {
  const parsed: unknown = JSON.parse(text)
  if (!Array.isArray(parsed)) throw new Error('the answer is not a list')
  return parsed.filter((entry) => typeof entry === 'string')
}

/** As many of the addresses as an asker reads. */
function withinBytes(addresses: readonly string[], maxBytes: number): string[] {
  const told: string[] = []
  let bytes = 2
  for (const address of addresses) {
    bytes += Buffer.byteLength(JSON.stringify(address)) + 1
    if (bytes > maxBytes) break
    told.push(address)
  }
  return told
}
