import type { Announcement } from './announcement.ts'
import { BadInputError } from './errors.ts'
import { MAX_HEIGHT, MAX_MINER_LENGTH, MAX_REASON_LENGTH, oneLine } from './rules/field-rules.ts'
import type { NotificationValue, RejectedTxValue } from './topic-values.ts'

const HASH = /^[0-9a-f]{64}$/i
const HEADER = /^[0-9a-f]{160}$/i

export interface NotificationOptions {
  /** Base URL under which peers can fetch the own node's data. */
  readonly dataHubUrl: string
}

/** The announcement in a record of `blockchain-notifications`. Throws BadInputError for content that no node would write. */
export function fromNotification(value: NotificationValue, { dataHubUrl }: NotificationOptions): Announcement {
  const hash = hashOf('hash', value.hash)
  switch (value.type) {
    case 'Block':
      return { type: 'block', block: { hash, height: heightOf(value), header: headerOf(value.header), dataHubUrl } }
    case 'Subtree':
      return { type: 'subtree', subtree: { hash, dataHubUrl } }
    case 'MiningOn':
      return { type: 'mining-on', miningOn: { ...miningOn(value), hash, dataHubUrl } }
    default:
      throw badContent(`type is ${JSON.stringify(value.type.slice(0, 40))}, but has to be Block, Subtree or MiningOn`)
  }
}

/** The announcement in a record of `rejectedtx`; undefined for a rejection that the own node only heard of. */
export function fromRejectedTx(value: RejectedTxValue): Announcement | undefined {
  const txId = hashOf('txHash', value.txHash)
  if (value.peerId) return undefined
  return { type: 'rejected-tx', rejectedTx: { txId, reason: oneLine(value.reason, MAX_REASON_LENGTH) } }
}

function miningOn(value: NotificationValue) {
  return {
    previousHash: hashOf('previousHash', value.previousHash ?? ''),
    height: heightOf(value),
    miner: oneLine(value.miner ?? '', MAX_MINER_LENGTH),
    sizeInBytes: countOf('sizeInBytes', value.sizeInBytes),
    txCount: countOf('txCount', value.txCount),
  }
}

function hashOf(name: string, text: string): string {
  if (!HASH.test(text)) throw badContent(`${name} is ${JSON.stringify(text.slice(0, 80))}, but has to be 64 hexadecimal characters`)
  return text.toLowerCase()
}

/** Encoders without null write an empty text for a header that they do not have. */
function headerOf(text: string | null): string | null {
  if (text === null || text === '') return null
  if (!HEADER.test(text)) throw badContent(`header has ${text.length} characters, but has to be 160 hexadecimal characters`)
  return text.toLowerCase()
}

function heightOf({ type, height }: NotificationValue): number {
  if (height === null) throw badContent(`height is missing, but a ${type} needs one`)
  if (height < 0 || height > MAX_HEIGHT) throw badContent(`height is ${height}, but has to be 0 to ${MAX_HEIGHT}`)
  return height
}

function countOf(name: string, count: bigint | null): bigint {
  if (count !== null && count < 0n) throw badContent(`${name} is ${count}, but cannot be negative`)
  return count ?? 0n
}

function badContent(message: string): BadInputError {
  return new BadInputError('bad-content', message)
}
