import type { EventFilter } from '../feed/filter.ts'
import { ClientMessageError, shown } from './message-error.ts'

const MAX_PEERS = 32
/** 1 to 128 characters, counted as JSON Schema does. */
const PEER_ID = /^.{1,128}$/su

/** The `filter` of a subscription: `{"peer":["12D3..."],"minHeight":900000,"hashPrefix":"0000","origin":"network"}`; each part may be left out. */
export function parseFilter(filter: unknown): EventFilter | null {
  if (filter === undefined || filter === null) return null
  if (typeof filter !== 'object' || Array.isArray(filter)) throw new ClientMessageError(`filter is ${shown(filter)}; it must be an object`)
  const { peer = null, minHeight = null, hashPrefix = null, origin = null, ...unknown }: Record<string, unknown> = { ...filter }
  const [extra] = Object.keys(unknown)
  if (extra !== undefined) throw new ClientMessageError(`unknown filter ${shown(extra)}; there are peer, minHeight, hashPrefix and origin`)
  const checked = {
    peer: checkPeer(peer),
    minHeight: checkHeight(minHeight),
    hashPrefix: checkHash(hashPrefix),
    origin: checkOrigin(origin),
  }
  return Object.values(checked).every((part) => part === null) ? null : checked
}

function checkPeer(peer: unknown): readonly string[] | null {
  if (peer === null) return null
  const list: readonly unknown[] = Array.isArray(peer) ? peer : [peer]
  const isId = (each: unknown): each is string => typeof each === 'string' && PEER_ID.test(each)
  if (list.length > 0 && list.length <= MAX_PEERS && list.every(isId)) return [...new Set(list)].sort()
  throw new ClientMessageError(`peer is ${shown(peer)}; it must be a peer id, or a list of 1 to ${MAX_PEERS} of them`)
}

function checkHeight(height: unknown): number | null {
  if (height === null) return null
  if (typeof height === 'number' && Number.isSafeInteger(height) && height >= 0) return height
  throw new ClientMessageError(`minHeight is ${shown(height)}; it must be a whole number, 0 or more`)
}

function checkHash(prefix: unknown): string | null {
  if (prefix === null) return null
  if (typeof prefix === 'string' && /^[0-9a-fA-F]{1,64}$/.test(prefix)) return prefix.toLowerCase()
  throw new ClientMessageError(`hashPrefix is ${shown(prefix)}; it must be 1 to 64 hexadecimal digits, in display order`)
}

function checkOrigin(origin: unknown): EventFilter['origin'] {
  if (origin === null || origin === 'own' || origin === 'network') return origin
  throw new ClientMessageError(`origin is ${shown(origin)}; it must be "own" or "network"`)
}
