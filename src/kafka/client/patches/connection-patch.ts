import { createRequire } from 'node:module'

/** The part of kafkajs's connection to one broker that this patch touches. */
interface Connection {
  readonly broker: string
  readonly socket: { destroy(error: Error): void }
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
  isConnected(): boolean
}

interface Patched {
  connect(): Promise<boolean>
  processData(data: Buffer): void
}

const LENGTH_BYTES = 4

/**
 * Makes a connection of kafkajs 2.2.4 fail that receives no answer of Kafka, as when another program listens at the broker's address. It may
 * run many times. Unpatched, kafkajs
 * - throws such an error in the `data` event of the socket, where nobody catches it: the process ends. Now the requests on the connection
 *   reject with it, and a new connection is opened;
 * - reads the first answer of a new connection as the rest of an answer that the connection before it received in part.
 */
export function patchConnection(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/connection') as { prototype: Connection & Patched }
  const { connect, processData } = prototype
  if (processData.name === readOrEnd.name) return

  function readOrEnd(this: Connection, data: Buffer): void {
    try {
      processData.call(this as Connection & Patched, data)
    } catch (cause) {
      this.socket.destroy(new Error(`what ${this.broker} sends is no answer of Kafka`, { cause }))
    }
  }
  prototype.processData = readOrEnd
  prototype.connect = function connectAnew(this: Connection & Patched) {
    if (!this.isConnected()) {
      this.chunks = []
      this.bytesBuffered = 0
      this.bytesNeeded = LENGTH_BYTES
    }
    return connect.call(this)
  }
}
