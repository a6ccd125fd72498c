import { createPeerScoreParams, PeerScore, validatePeerScoreThresholds } from '@chainsafe/libp2p-gossipsub/score'
import { defaultLogger } from '@libp2p/logger'
import { expect, test } from 'vitest'
import { teranodeScores } from '../../../../src/gossip/node/scores.ts'

const { scoreParams, scoreThresholds } = teranodeScores((peerId) => peerId === 'known')

/** The score of a peer when so many have one address. */
function scoreOf(peerId: string, count: number, address: string): number {
  const scores = new PeerScore(createPeerScoreParams(scoreParams), null, defaultLogger(), { scoreCacheValidityMs: 0 })
  const others = Array.from({ length: count - 1 }, (_, index) => `other ${index}`)
  for (const each of [peerId, ...others]) {
    scores.addPeer(each)
    scores.addIP(each, address)
  }
  return scores.score(peerId)
}

/** Computed from Teranode's numbers. */
test.each([
  [10, 0],
  [11, -35],
  [20, -3500],
  [22, -5040],
  [26, -8960],
])('%i peers of one public address have a score of %i each', (count, score) => {
  expect(scoreOf('stranger', count, '8.8.8.8')).toBe(score)
  expect(scoreOf('stranger', count, '2606:4700::1')).toBe(score)
})

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.1.1',
  '100.64.0.1',
  'fc00::1',
  'fe80::1',
  '::1',
  '::ffff:10.0.0.1',
])('peers behind the local address %s are not counted', (address) => {
  expect(scoreOf('stranger', 50, address)).toBe(0)
})

test('a known peer is exempt, and faults of the protocol are free up to six', () => {
  expect(scoreOf('known', 100, '8.8.8.8')).toBeGreaterThan(0)
  const scores = new PeerScore(createPeerScoreParams(scoreParams), null, defaultLogger(), { scoreCacheValidityMs: 0 })
  scores.addPeer('stranger')
  for (let fault = 0; fault < 6; fault++) scores.addPenalty('stranger', 1, 'graft_backoff' as never)
  expect(scores.score('stranger')).toBe(0)
  for (let fault = 0; fault < 2; fault++) scores.addPenalty('stranger', 1, 'graft_backoff' as never)
  expect(scores.score('stranger')).toBe(-64)
})

test('the thresholds are such that the router takes them', () => {
  expect(() => validatePeerScoreThresholds(scoreThresholds as never)).not.toThrow()
})
