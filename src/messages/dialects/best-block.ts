import { peerIdField } from '../rules/field-rules.ts'
import { goString, readGoObject } from './go-json.ts'

/** A request for the best block names only the peer that asks. The answer is a block on a direct stream. */
const FIELDS = { peerid: 'string' } as const

export const MAX_BEST_BLOCK_REQUEST_BYTES = 1024

/** The bytes of a request. */
export function encodeBestBlockRequest(peerId: string): Uint8Array {
  return Buffer.from(`{"PeerID":${goString(peerId)}}`)
}

/** The peer that asks. Throws RefusedError for a malformed message. */
export function decodeBestBlockRequest(data: Uint8Array): string {
  return peerIdField(readGoObject(data, FIELDS).peerid)
}
