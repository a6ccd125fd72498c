import type { Socket } from 'node:net'
import type { MultiaddrConnection, Transport, Upgrader, UpgraderOptions } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Members of a connection of @libp2p/tcp 11.0.28 that it has but does not declare. */
interface TcpConnection {
  readonly socket: Pick<Socket, 'cork' | 'uncork' | 'writableLength' | 'writableHighWaterMark'>
  sendData(data: Uint8ArrayList): { readonly sentBytes: number; readonly canSendMore: boolean }
}

type CreateTransport<Components> = (components: Components) => Transport

/**
 * Sends what a connection has to send in a turn of the event loop with one write. Unpatched, each encrypted frame is two writes, and as
 * Nagle's algorithm is off two packets too: the length that Noise puts in front of it, two bytes, and the rest.
 */
export function inOneWrite<Components>(create: CreateTransport<Components>): CreateTransport<Components> {
  return (components) => {
    const transport = create(components)
    const { dial, createListener } = transport
    transport.dial = (address, options) => dial.call(transport, address, { ...options, upgrader: patching(options.upgrader) })
    transport.createListener = (options) => createListener.call(transport, { ...options, upgrader: patching(options.upgrader) })
    return transport
  }
}

/** An upgrader that patches each connection first. */
function patching(upgrader: Upgrader): Upgrader {
  return {
    upgradeInbound: (connection: MultiaddrConnection, options: UpgraderOptions) => upgrader.upgradeInbound(gather(connection), options),
    upgradeOutbound: (connection: MultiaddrConnection, options: UpgraderOptions) => upgrader.upgradeOutbound(gather(connection), options),
    createInboundAbortSignal: (signal) => upgrader.createInboundAbortSignal(signal),
    getStreamMuxers: () => upgrader.getStreamMuxers(),
    getConnectionEncrypters: () => upgrader.getConnectionEncrypters(),
  }
}

function gather(connection: MultiaddrConnection): MultiaddrConnection {
  gatherWrites(connection as MultiaddrConnection & TcpConnection)
  return connection
}

/** The socket holds back what it is given until the turn ends, or until it has as much as it takes before it asks to wait. */
export function gatherWrites(connection: TcpConnection): void {
  const { socket } = connection
  const send = connection.sendData
  let isHeldBack = false
  const write = () => {
    isHeldBack = false
    socket.uncork()
  }
  connection.sendData = (data) => {
    if (!isHeldBack) {
      isHeldBack = true
      socket.cork()
      process.nextTick(write)
    } else if (socket.writableLength + data.byteLength >= socket.writableHighWaterMark) {
      socket.uncork()
      socket.cork()
    }
    return send.call(connection, data)
  }
}
