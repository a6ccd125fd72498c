import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeHandshake, isHandshake } from '../../../../src/messages/dialects/handshake.ts'
import { GENESIS_HASH, PEER_ID } from '../../../fixtures/announcements.ts'

const { wire } = JSON.parse(readFileSync(new URL('../../../fixtures/gossip/go-json.json', import.meta.url), 'utf8')) as {
  wire: Record<string, string>
}
const rules = { allowPrivateUrls: false }
const version = {
  type: 'version',
  peerId: PEER_ID,
  bestHeight: 850_000,
  bestHash: GENESIS_HASH,
  dataHubUrl: 'http://teranode1.example.com:8090/api/v1?a=1&b=<2>',
  userAgent: 'teranode/bitcoin/1.0.0',
  services: 0n,
  topicPrefix: null,
} as const

const decode = (message: object) => decodeHandshake(Buffer.from(JSON.stringify(message)), rules)

describe('the handshake', () => {
  it('is read as Go writes it', () => {
    expect(decodeHandshake(Buffer.from(wire.handshake ?? ''), rules)).toEqual(version)
  })

  it('carries the topic prefix of later nodes', () => {
    const text = wire.handshake?.replace(/}$/, ',"topicPrefix":"bitcoin/mainnet"}') ?? ''
    expect(decodeHandshake(Buffer.from(text), rules)).toEqual({ ...version, topicPrefix: 'bitcoin/mainnet' })
  })

  it.each([
    ['handshake', {}],
    ['handshake', { type: 'VERSION' }],
    ['hash', { type: 'version', bestHash: 'nonsense' }],
    ['wrong-type', { type: 'version', bestHeight: -1 }],
    ['url-private', { type: 'version', dataHubURL: 'http://10.0.0.1/' }],
    ['peer-id', { type: 'version', peerID: 'x'.repeat(129) }],
  ])('is refused as %s: %j', (reason, message) => {
    expect(() => decode(message)).toThrow(expect.objectContaining({ reason }))
  })

  it('may come from a node that knows nothing yet, and its user agent becomes one line', () => {
    expect(decode({ type: 'version', peerID: PEER_ID, userAgent: 'a\nb' })).toMatchObject({
      bestHeight: 0,
      bestHash: null,
      dataHubUrl: '',
      userAgent: 'a b',
    })
  })

  it.each([
    ['{"type":"verack","peerID":"x"}', true],
    ['{ "Type" : "version" }', true],
    ['{"Hash":"00","Height":1,"DataHubURL":"https://a.example/type"}', false],
    ['', false],
  ])('is told from a block on a direct stream: %s is one: %s', (text, expected) => {
    expect(isHandshake(Buffer.from(text))).toBe(expected)
  })
})
