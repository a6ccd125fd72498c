import { connect, type Socket } from 'node:net'
import { type Attack, type AttackContext, repeatedly } from './attack.ts'
import { subtree } from './payloads.ts'
import type { RawPeer } from './raw-peer.ts'

/** Attacks by connections and streams. */

const DIRECT = 'teranode/bitcoin/1.0.0'

/** Connections that never begin the handshake. */
export const silentSockets: Attack = async (context) => {
  const [, , , , port] = context.target.split('/')
  const sockets = new Set<Socket>()
  await repeatedly(context, 200, () => {
    const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: '127.0.0.66' })
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    context.count('sent')
  })
  for (const socket of sockets) socket.destroy()
}

/** The muxer of a connection, which opens streams without agreeing on a protocol. */
interface WithMuxer {
  readonly muxer: { createStream(options: object): Promise<unknown> }
}

/** Streams that never say which protocol they are for. */
export const streamFlood: Attack = async (context) => {
  const peer = await context.createPeer()
  await repeatedly(context, 500, async () => {
    if (!peer.isConnected) await peer.connect(context.target)
    await (peer.connection as unknown as WithMuxer).muxer.createStream({})
    context.count('sent')
  })
}

/** A direct stream that never ends. */
export const endlessStream: Attack = async (context) => {
  const peer = await context.createPeer()
  await repeatedly(context, 50, async () => {
    if (!peer.isConnected) await peer.connect(context.target)
    const stream = await peer.connection.newStream(DIRECT, { signal: AbortSignal.timeout(5000) })
    context.count('sent')
    while (!context.stopped.aborted && stream.status === 'open') {
      if (!stream.send(Buffer.alloc(16 << 10, 0x20))) await stream.onDrain({ signal: context.stopped })
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
}

/** Direct streams on which nothing is ever sent. */
export const silentStreams: Attack = async (context) => {
  const peer = await context.createPeer()
  await repeatedly(context, 100, async () => {
    if (!peer.isConnected) await peer.connect(context.target)
    await peer.connection.newStream(DIRECT, { signal: AbortSignal.timeout(5000) })
    context.count('sent')
  })
}

const IDENTITIES = 200

export const manyIdentities: Attack = async (context) => {
  const running: Promise<void>[] = []
  for (let made = 0; made < IDENTITIES && !context.stopped.aborted; made++) {
    running.push(comeAgain(context))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await Promise.all(running)
}

/** Says that it listens where an honest peer does, and drops its connection, so that somebody may look for it there. */
export const othersAddress: Attack = async (context) => {
  const peer = await context.createPeer({ announce: [context.honest, '/ip4/127.0.0.1/tcp/22', '/ip4/10.0.0.1/tcp/9905'] })
  await repeatedly(context, 2, async () => {
    if (!peer.isConnected) await peer.join(context.target, Object.values(context.topics))
    await new Promise((resolve) => setTimeout(resolve, 300))
    peer.connection.abort(new Error('gone'))
    context.count('sent')
  })
}

/** Comes again and again, and publishes. */
export const comeAgain: Attack = async (context: AttackContext) => {
  const peer = await context.createPeer()
  await repeatedly(context, 5, async () => {
    if (!peer.isConnected) await peer.join(context.target, Object.values(context.topics))
    await peer.publish(context.topics.subtree, subtree(peer.peerId))
    context.count('sent')
  })
}

/** The same under a new identity each time. */
export const newIdentities: Attack = async (context) => {
  let peer: RawPeer | undefined
  await repeatedly(context, 10, async () => {
    if (!peer?.isConnected) {
      await peer?.stop()
      peer = await context.createPeer()
      await peer.join(context.target, Object.values(context.topics))
    }
    await peer.publish(context.topics.subtree, subtree(peer.peerId))
    context.count('sent')
  })
}
