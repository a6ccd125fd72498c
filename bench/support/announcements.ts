import { randomBytes } from 'node:crypto'
import type { Announcement } from '../../src/messages/announcement.ts'
import { blockHash } from '../../src/messages/rules/block-header.ts'

/** A public name, so that the whole check of URLs runs. */
export const DATA_HUB_URL = 'https://node.example.org:8090/api/v1'

/** Regtest's easiest target, as in a block header: every second attempt meets it. */
const EASIEST_BITS = 0x207fffff
const BITS_OFFSET = 72

export const randomHash = (): string => randomBytes(32).toString('hex')

export function subtree(): Announcement {
  return { type: 'subtree', subtree: { hash: randomHash(), dataHubUrl: DATA_HUB_URL } }
}

/** A block whose header matches its hash and meets its target. */
export function block(height: number): Announcement {
  const header = randomBytes(80)
  header.writeUInt32LE(EASIEST_BITS, BITS_OFFSET)
  let hash = blockHash(header)
  for (let nonce = 0; hash >= '7fffff'; nonce++) {
    header.writeUInt32LE(nonce, BITS_OFFSET + 4)
    hash = blockHash(header)
  }
  return { type: 'block', block: { hash, height, header: header.toString('hex'), dataHubUrl: DATA_HUB_URL } }
}
