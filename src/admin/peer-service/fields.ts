import { canonicalPeerId } from '../../bans/ban-key.ts'
import { RpcError, type RpcRequest } from './rpc.ts'

const LONGEST_SHOWN = 100

/** A text of the request; empty if it was not given. */
export function textIn(request: RpcRequest, name: string): string {
  const value = request[name]
  return typeof value === 'string' ? value : ''
}

/** A peer id of the request in its canonical form. */
export function peerIdIn(request: RpcRequest, name = 'peer_id'): string {
  const text = textIn(request, name).trim()
  if (text === '') throw invalid(`${name} is empty: it takes a peer id`)
  const peerId = canonicalPeerId(text)
  if (peerId === undefined) throw invalid(`${name} ${shown(text)} is no peer id`)
  return peerId
}

/** The hash of a block or subtree, as lower-case hex. */
export function hashIn(request: RpcRequest, name: string): string {
  const text = textIn(request, name).trim().toLowerCase()
  if (text === '') throw invalid(`${name} is empty: it takes a hash of 64 hex digits`)
  if (!/^[0-9a-f]{64}$/.test(text)) throw invalid(`${name} ${shown(text)} is no hash of 64 hex digits`)
  return text
}

/** A time span of the request in milliseconds; 0 is unknown. */
export function durationIn(request: RpcRequest, name: string): number {
  const ms = Number(textIn(request, name))
  if (!Number.isSafeInteger(ms) || ms < 0) throw invalid(`${name} is ${textIn(request, name)}: it is a number of milliseconds from 0`)
  return ms
}

export function invalid(message: string): RpcError {
  return new RpcError('INVALID_ARGUMENT', message)
}

export function shown(text: string): string {
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text)
}

/** Seconds since the epoch, as the service writes times. */
export function secondsOf(ms: number | null): number {
  return Math.floor((ms ?? 0) / 1000)
}
