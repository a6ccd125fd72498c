import { createHash, randomBytes } from 'node:crypto'

/** Contents of messages in the dialect `plain`, by hand: the attacker shares no code with the bridge. */
export const randomHash = () => randomBytes(32).toString('hex')

const URL = 'http://attacker.example:8090/api/v1'

export function subtree(peerId: string, hash = randomHash()): Uint8Array {
  return Buffer.from(JSON.stringify({ Hash: hash, DataHubURL: URL, PeerID: peerId }))
}

export function block(peerId: string, fields: Record<string, unknown> = {}): Uint8Array {
  return Buffer.from(JSON.stringify({ Hash: randomHash(), Height: 1, DataHubURL: URL, PeerID: peerId, ...fields }))
}

export function rejectedTx(peerId: string, bytes: number): Uint8Array {
  const text = JSON.stringify({ TxID: randomHash(), Reason: '', PeerID: peerId })
  return Buffer.from(text.replace('"Reason":""', `"Reason":"${'x'.repeat(Math.max(0, bytes - text.length))}"`))
}

export function version(peerId: string): Uint8Array {
  const hash = createHash('sha256').update(randomBytes(8)).digest('hex')
  return Buffer.from(
    JSON.stringify({
      type: 'version',
      peerID: peerId,
      bestHeight: 1,
      bestHash: hash,
      dataHubURL: URL,
      userAgent: 'attacker',
      services: 1,
      topicPrefix: 'bitcoin/regtest',
    }),
  )
}

/** Bytes and JSON of every kind. */
export function junk(turn: number): Uint8Array {
  const samples = [
    randomBytes(turn % 2000),
    Buffer.from('{'.repeat(turn % 3000)),
    Buffer.from('['.repeat(10_000)),
    Buffer.from('{"Hash":1e999,"PeerID":null}'),
    Buffer.from(`{"Hash":"${'f'.repeat(turn % 5000)}"}`),
    Buffer.from('"\\ud800"'),
    Buffer.from(JSON.stringify({ Hash: randomHash(), Height: -1, Header: 'zz', PeerID: '\u0000' })),
    Buffer.from('null'),
    Buffer.alloc(0),
  ]
  return samples[turn % samples.length] ?? Buffer.alloc(0)
}
