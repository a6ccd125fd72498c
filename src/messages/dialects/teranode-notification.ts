import type { Announcement } from '../announcement.ts'
import { goString } from './go-json.ts'

/** An entry of the log as far as it matters here. */
export type SeenEvent = (Announcement | { readonly type: 'sync' | 'ban' | 'instance' }) & {
  /** Null for the own node's. */
  readonly peerId: string | null
  readonly receivedAt: number
}

/**
 * The JSON that Teranode's WebSocket sends for an announcement: its keys in its order, empty ones left out, times in whole
 * seconds. Null for kinds that Teranode does not show. `ownPeerId` stands in the own node's announcements.
 */
export function teranodeNotification(seen: SeenEvent, ownPeerId: string): string | null {
  const peerId = seen.peerId ?? ownPeerId
  const at = seen.receivedAt
  switch (seen.type) {
    case 'block': {
      const { hash, height, dataHubUrl } = seen.block
      return notification(at, 'block', [text('hash', hash), ...from(dataHubUrl, peerId), count('height', height)])
    }
    case 'subtree':
      return notification(at, 'subtree', [text('hash', seen.subtree.hash), ...from(seen.subtree.dataHubUrl, peerId)])
    case 'mining-on': {
      const { hash, previousHash, height, miner, sizeInBytes, txCount, dataHubUrl } = seen.miningOn
      return notification(at, 'mining_on', [
        text('hash', hash),
        ...from(dataHubUrl, peerId),
        text('previousblockhash', previousHash),
        count('tx_count', txCount),
        count('height', height),
        count('size_in_bytes', sizeInBytes),
        text('miner', miner),
      ])
    }
    default:
      return null
  }
}

/** The application ping that Teranode sends every 10 seconds. */
export function teranodePing(now: number, ownDataHubUrl: string): string {
  return notification(now, 'PING', [text('base_url', ownDataHubUrl)])
}

function notification(at: number, type: string, members: string[]): string {
  const timestamp = `${new Date(at).toISOString().slice(0, 19)}Z`
  return `{"timestamp":"${timestamp}","type":"${type}"${members.join('')}}`
}

function from(dataHubUrl: string, peerId: string): [string, string] {
  return [text('base_url', dataHubUrl), text('peer_id', peerId)]
}

function text(key: string, value: string): string {
  return value === '' ? '' : `,"${key}":${goString(value)}`
}

function count(key: string, value: number | bigint): string {
  return Number(value) === 0 ? '' : `,"${key}":${value}`
}
