import { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Connection, PrivateKey, Stream } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const GOSSIP = '/meshsub/1.1.0'
/** Beyond it the victim does not read, and we wait. */
const MAX_UNSENT_BYTES = 1 << 20
const SIGN_PREFIX = Buffer.from('libp2p-pubsub:')

export interface RawPeerOptions {
  /** Our own address on loopback, so that an attacker can be told from honest peers. */
  readonly localAddress?: string
  readonly key?: PrivateKey
  /** Addresses that it tells others by identify, true or not. */
  readonly announce?: readonly string[]
  /** Ends the waits. */
  readonly stopped?: AbortSignal
}

/** A peer that says on the wire whatever it is told to: no router stands between it and its victim, which is our own bridge. */
export class RawPeer {
  readonly peerId: string
  readonly #key: PrivateKey
  readonly #stopped: AbortSignal | undefined
  readonly #node: Awaited<ReturnType<typeof createNode>>
  #sequenceNumber = BigInt(Date.now()) * 1_000_000n
  #connection: Connection | undefined
  #gossip: Stream | undefined

  private constructor(key: PrivateKey, node: Awaited<ReturnType<typeof createNode>>, stopped: AbortSignal | undefined) {
    this.#stopped = stopped
    this.#key = key
    this.#node = node
    this.peerId = node.peerId.toString()
  }

  static async create(options: RawPeerOptions = {}): Promise<RawPeer> {
    const key = options.key ?? (await generateKeyPair('Ed25519'))
    const node = await createNode(key, options)
    // Reads what it is sent, as a real peer does.
    await node.handle(GOSSIP, async (stream) => drain(stream))
    await node.start()
    return new RawPeer(key, node, options.stopped)
  }

  async connect(address: string): Promise<Connection> {
    this.#connection = await this.#node.dial(multiaddr(address), { signal: AbortSignal.timeout(5000), force: true })
    return this.#connection
  }

  get isConnected(): boolean {
    return this.#connection?.status === 'open'
  }

  get connection(): Connection {
    if (!this.#connection) throw new Error('not connected')
    return this.#connection
  }

  /** Connects, and subscribes to topics, as an honest peer does. */
  async join(address: string, topics: readonly string[]): Promise<void> {
    await this.connect(address)
    this.#gossip = await this.connection.newStream(GOSSIP, { signal: AbortSignal.timeout(5000) })
    await this.send({ subscriptions: topics.map((topic) => ({ topic, subscribe: true })), messages: [] })
  }

  /** One RPC. Waits while the victim does not read. */
  async send(rpc: RPC): Promise<void> {
    await this.sendBytes(RPC.encode(rpc))
  }

  /** The same for bytes that need not be an RPC. */
  async sendBytes(bytes: Uint8Array): Promise<void> {
    const stream = this.#gossip
    if (stream?.status !== 'open') throw new Error('the gossip stream is closed')
    stream.send(Buffer.concat([varint(bytes.byteLength), bytes]))
    while (stream.writeBufferLength > MAX_UNSENT_BYTES && stream.status === 'open' && !this.#stopped?.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** Frames of the muxer, whatever they say. Waits while the victim does not read; until the connection is closed. */
  async sendFrames(bytes: Uint8Array): Promise<void> {
    const { maConn } = (this.connection as unknown as WithMuxer).muxer
    maConn.send(bytes)
    while (maConn.writeBufferLength > 0 && maConn.status === 'open' && !this.#stopped?.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  /** From now on it reads nothing that it is sent. */
  stopReading(): void {
    ;(this.connection as unknown as WithMuxer).muxer.maConn.pause()
  }

  /** A stream on which no protocol is agreed on. */
  createStream(): Promise<Stream> {
    return (this.connection as unknown as WithMuxer).muxer.createStream({})
  }

  publish(topic: string, data: Uint8Array): Promise<void> {
    return this.message(topic, data).then((message) => this.send({ subscriptions: [], messages: [message] }))
  }

  /** A signed message with the next sequence number. */
  async message(topic: string, data: Uint8Array): Promise<RPC.Message> {
    this.#sequenceNumber += 1n
    const seqno = Buffer.alloc(8)
    seqno.writeBigUInt64BE(this.#sequenceNumber)
    const unsigned = { from: this.#key.publicKey.toMultihash().bytes, data, seqno, topic }
    const signature = await this.#key.sign(Buffer.concat([SIGN_PREFIX, RPC.Message.encode(unsigned)]))
    return { ...unsigned, signature }
  }

  /** The same with a signature that is none. Costs us nothing. */
  forged(topic: string, data: Uint8Array): RPC.Message {
    this.#sequenceNumber += 1n
    const seqno = Buffer.alloc(8)
    seqno.writeBigUInt64BE(this.#sequenceNumber)
    return {
      from: this.#key.publicKey.toMultihash().bytes,
      data,
      seqno,
      topic,
      signature: Buffer.alloc(64, Number(this.#sequenceNumber % 251n)),
    }
  }

  async stop(): Promise<void> {
    await this.#node.stop()
  }
}

/** The parts of a connection that its published type leaves out. */
interface WithMuxer {
  readonly muxer: {
    readonly maConn: { readonly status: string; readonly writeBufferLength: number; send(bytes: Uint8Array): boolean; pause(): void }
    createStream(options: object): Promise<Stream>
  }
}

/** The header of a frame of yamux. `length` is the size of its data, the window, or the number of a ping. */
export function yamuxHeader({ type, flags, stream, length }: { type: number; flags: number; stream: number; length: number }): Uint8Array {
  const header = Buffer.alloc(12)
  header.writeUInt8(type, 1)
  header.writeUInt16BE(flags, 2)
  header.writeUInt32BE(stream, 4)
  header.writeUInt32BE(length, 8)
  return header
}

export const YAMUX = { data: 0, windowUpdate: 1, ping: 2, syn: 1, ack: 2, fin: 4, reset: 8 } as const

/** Frames that open so many streams and end each. Ids of whoever dialled are odd, and are used once. */
export function streamsEndedAtOnce(firstId: number, count: number): Uint8Array {
  const frames = (stream: number) =>
    [YAMUX.syn, YAMUX.reset].map((flags) => yamuxHeader({ type: YAMUX.windowUpdate, flags, stream, length: 0 }))
  return Buffer.concat(Array.from({ length: count }, (_, index) => frames(firstId + 2 * index)).flat())
}

function createNode(key: PrivateKey, { localAddress, announce = [] }: RawPeerOptions) {
  return createLibp2p({
    start: false,
    privateKey: key,
    addresses: { listen: [], appendAnnounce: [...announce] },
    // The type lists only some options of a socket; all of them reach it.
    transports: [tcp(localAddress === undefined ? {} : { dialOpts: { localAddress } as object })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: {},
    connectionMonitor: { enabled: false },
    services: { identify: identify(), ping: ping() },
  })
}

async function drain(stream: Stream): Promise<void> {
  try {
    for await (const _ of stream);
  } catch {
    // The victim may end it.
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return Uint8Array.from([...bytes, left])
    bytes.push((left & 0x7f) | 0x80)
  }
}
