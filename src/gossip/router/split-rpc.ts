import type { RPC } from '@chainsafe/libp2p-gossipsub/message'

/** Upper bounds for what we send in one RPC. */
export interface RpcLimits {
  /** All fields together. A single message above it still goes out, alone. */
  readonly rpcBytes: number
  /** Subscriptions and control messages together. */
  readonly controlBytes: number
}

/**
 * What every implementation takes, with a margin. By default rust-libp2p takes 64 KiB in an RPC, of which 16 KiB may be control
 * messages and subscriptions; above that it closes its half of our stream and reads from it no more. Go takes 1 MiB.
 */
export const RPC_LIMITS: RpcLimits = { rpcBytes: 48 << 10, controlBytes: 12 << 10 }

type Control = Required<RPC>['control']

/** Splits an RPC into RPCs within the limits, in the same order. */
export function splitRpc(rpc: RPC, limits: RpcLimits = RPC_LIMITS): RPC[] {
  const parts = new Parts(limits)
  for (const item of rpc.subscriptions) parts.addControl(field(textField(item.topic) + 2), (part) => part.subscriptions.push(item))
  for (const item of rpc.messages) parts.addMessage(messageBytes(item), item)
  const { control } = rpc
  if (control === undefined) return parts.all
  for (const item of control.graft) parts.addControl(field(textField(item.topicID)), (_, to) => to.graft.push(item))
  for (const item of control.prune) parts.addControl(pruneBytes(item), (_, to) => to.prune.push(item))
  for (const { topicID, messageIDs } of control.ihave) {
    const overhead = LIST_OVERHEAD + textField(topicID)
    for (const ids of chunks(messageIDs, limits.controlBytes - overhead)) {
      const item = { ...(topicID !== undefined && { topicID }), messageIDs: ids }
      parts.addControl(overhead + idBytes(ids), (_, to) => to.ihave.push(item))
    }
  }
  for (const kind of ['iwant', 'idontwant'] as const) {
    for (const { messageIDs } of control[kind]) {
      for (const ids of chunks(messageIDs, limits.controlBytes - LIST_OVERHEAD)) {
        parts.addControl(LIST_OVERHEAD + idBytes(ids), (_, to) => to[kind].push({ messageIDs: ids }))
      }
    }
  }
  return parts.all
}

/** Shortens lists of ids, the last ones first, until their ids take at most so many bytes. Changes the lists themselves. */
export function keepIdsWithin(lists: readonly { messageIDs: Uint8Array[] }[], maxBytes: number): void {
  let left = maxBytes
  for (const { messageIDs } of lists) {
    let kept = 0
    for (const id of messageIDs) {
      left -= bytesField(id)
      if (left < 0) break
      kept += 1
    }
    messageIDs.length = kept
  }
}

/** Collects items into RPCs, a new one whenever the next item would not fit. */
class Parts {
  readonly all: RPC[] = []
  readonly #limits: RpcLimits
  #bytes = 0
  #controlBytes = 0

  constructor(limits: RpcLimits) {
    this.#limits = limits
  }

  addMessage(bytes: number, message: RPC.Message): void {
    this.#partFor(bytes, 0).messages.push(message)
  }

  addControl(bytes: number, add: (part: RPC, control: Control) => void): void {
    const part = this.#partFor(bytes, bytes)
    part.control ??= emptyControl()
    add(part, part.control)
  }

  #partFor(bytes: number, controlBytes: number): RPC {
    const last = this.all.at(-1)
    const { rpcBytes, controlBytes: maxControl } = this.#limits
    const fits = this.#bytes + bytes <= rpcBytes && this.#controlBytes + controlBytes <= maxControl
    if (last !== undefined && fits) {
      this.#bytes += bytes
      this.#controlBytes += controlBytes
      return last
    }
    const part: RPC = { subscriptions: [], messages: [] }
    this.all.push(part)
    this.#bytes = bytes
    this.#controlBytes = controlBytes
    return part
  }
}

function emptyControl(): Control {
  return { ihave: [], iwant: [], graft: [], prune: [], idontwant: [] }
}

/** Cuts a list of ids into lists of at most `maxBytes`. */
function* chunks(ids: readonly Uint8Array[], maxBytes: number): Generator<Uint8Array[]> {
  let chunk: Uint8Array[] = []
  let bytes = 0
  for (const id of ids) {
    const size = bytesField(id)
    if (chunk.length > 0 && bytes + size > maxBytes) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(id)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}

/** Tag and length of a list of ids within a control message, and of the control message within an RPC. */
const LIST_OVERHEAD = 8

function idBytes(ids: readonly Uint8Array[]): number {
  return ids.reduce((sum, id) => sum + bytesField(id), 0)
}

function messageBytes({ from, data, seqno, topic, signature, key }: RPC.Message): number {
  return field(bytesField(from) + bytesField(data) + bytesField(seqno) + textField(topic) + bytesField(signature) + bytesField(key))
}

function pruneBytes({ topicID, peers }: RPC.ControlPrune): number {
  const peerBytes = peers.reduce((sum, { peerID, signedPeerRecord }) => sum + field(bytesField(peerID) + bytesField(signedPeerRecord)), 0)
  return field(textField(topicID) + peerBytes + 11)
}

/** Encoded size of a length-delimited protobuf field of this many bytes, with tag and length (at most 4 bytes: up to 256 MiB). */
function field(bytes: number): number {
  return 1 + (bytes < 1 << 7 ? 1 : bytes < 1 << 14 ? 2 : bytes < 1 << 21 ? 3 : 4) + bytes
}

function bytesField(bytes: Uint8Array | undefined): number {
  return bytes === undefined ? 0 : field(bytes.byteLength)
}

function textField(text: string | undefined): number {
  return text === undefined ? 0 : field(Buffer.byteLength(text))
}
