import { createRequire } from 'node:module'

/** The part of kafkajs's connection to one broker that this patch touches. */
interface Connection {
  readonly broker: string
  readonly socket: { destroy(error: Error): void }
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
  /** Set while a login waits for an answer, which may have no length in front. */
  readonly authHandlers: object | null
  isConnected(): boolean
}

interface Patched {
  connect(): Promise<boolean>
  processData(data: Buffer): void
}

const LENGTH_BYTES = 4
/** The id of the request. */
const SHORTEST_ANSWER_BYTES = 4
/** Above the largest answer that librdkafka takes by default (100 MB), below what the text of other protocols gives as a length. */
const LONGEST_ANSWER_BYTES = 256 << 20

/**
 * Makes a connection of kafkajs 2.2.4 fail that receives no answer of Kafka, as when another program listens at the broker's address. It may
 * run many times. Unpatched, kafkajs
 * - throws in the `data` event of the socket, where nobody catches it: the process ends. Now the requests on the connection
 *   reject, and a new connection is opened;
 * - keeps what comes for an answer of up to 2 GB;
 * - reads the first answer of a new connection as the rest of an answer that the connection before it received in part.
 */
export function patchConnection(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/connection') as { prototype: Connection & Patched }
  const { connect, processData } = prototype
  if (processData.name === readOrEnd.name) return

  function readOrEnd(this: Connection, data: Buffer): void {
    try {
      const isStart = this.bytesBuffered === 0 && this.authHandlers === null && data.length >= LENGTH_BYTES
      if (isStart) checkLength(data.readInt32BE())
      processData.call(this as Connection & Patched, data)
      if (this.bytesNeeded > LENGTH_BYTES) checkLength(this.bytesNeeded - LENGTH_BYTES)
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

function checkLength(bytes: number): void {
  if (bytes < SHORTEST_ANSWER_BYTES || bytes > LONGEST_ANSWER_BYTES)
    throw new RangeError(`an answer of ${bytes} bytes: from ${SHORTEST_ANSWER_BYTES} to ${LONGEST_ANSWER_BYTES} are read`)
}
