import type { Socket } from 'node:net'
import type { ISocketFactory } from 'kafkajs'

/** The sockets of one client of kafkajs. */
export interface ClientSockets {
  readonly open: ISocketFactory
  /** From now on no socket is opened. */
  refuse(): void
  /** Destroys the sockets that are still open, and refuses later ones. */
  end(): void
}

/**
 * Keeps the sockets of one client, so that they end with it. kafkajs 2.2.4 opens new ones after its `disconnect`: a retry that waits, and
 * a request that is sent a moment later, connect again, and nobody closes that connection.
 */
export function createClientSockets(connect: ISocketFactory): ClientSockets {
  const sockets = new Set<Socket>()
  let isRefusing = false
  const refuse = () => {
    isRefusing = true
  }
  return {
    open(options) {
      if (isRefusing) throw new Error('this client of Kafka is closed')
      const socket = connect(options)
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      return socket
    },
    refuse,
    end() {
      refuse()
      // With an error, which is how kafkajs hears of it. One that was ended waits for the broker's answer, and keeps no process alive.
      for (const socket of sockets) if (!socket.writableEnded) socket.destroy(new Error('this client of Kafka is closed'))
    },
  }
}
