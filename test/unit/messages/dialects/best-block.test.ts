import { expect, test } from 'vitest'
import { decodeBestBlockRequest, encodeBestBlockRequest } from '../../../../src/messages/dialects/best-block.ts'

test('a request for the best block names the peer that asks', () => {
  expect(Buffer.from(encodeBestBlockRequest('12D3KooW')).toString()).toBe('{"PeerID":"12D3KooW"}')
  expect(decodeBestBlockRequest(Buffer.from('{"peerid":"12D3KooW","other":1}'))).toBe('12D3KooW')
  expect(() => decodeBestBlockRequest(Buffer.from('no JSON'))).toThrow('not JSON')
})
