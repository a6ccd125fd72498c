import { YamuxStream } from '@chainsafe/libp2p-yamux/stream'

/** Members of a stream of yamux. Sizes are in bytes. */
interface Receiving {
  readonly state: YamuxStream['state']
  readonly recvWindow: number
  readonly recvWindowCapacity: number
  sendWindowUpdate(): void
}

const ESTABLISHED: YamuxStream['state'] = 3

/**
 * Tells a peer that it may send more when it has used up half of its window, as Go's yamux does. It may run many times. Unpatched,
 * @chainsafe/libp2p-yamux 8.0.3 answers each frame: a message heard is a message sent, encrypted, written, read and decrypted.
 */
export function updateWindowsByHalf(prototype = YamuxStream.prototype as unknown as Receiving): void {
  const { sendWindowUpdate } = prototype
  if (sendWindowUpdate.name === updateByHalf.name) return

  function updateByHalf(this: Receiving): void {
    // In other states an update carries a flag that the peer waits for, or is none.
    const isPlain = this.state === ESTABLISHED
    if (!isPlain || this.recvWindowCapacity <= this.recvWindow / 2) sendWindowUpdate.call(this)
  }
  prototype.sendWindowUpdate = updateByHalf
}
