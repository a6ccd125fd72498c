import { expect, test } from 'vitest'
import { blamed, isInfrastructureFault } from '../../../src/scores/blame.ts'

const announcers = [
  { peerId: 'anna', dataHubUrl: 'https://anna.example/api/v1' },
  { peerId: 'bert', dataHubUrl: 'https://bert.example/api/v1/' },
]
const content = { kind: 'block', hash: '00', reason: 'invalid-block', peerId: null, peerUrl: null } as const

test('the peer that a verdict names is charged, and nobody else', () => {
  expect(blamed({ ...content, peerId: 'carl', peerUrl: 'https://anna.example/api/v1' }, announcers)).toEqual(['carl'])
})

test('without a name the signers are charged, and a URL only narrows down among them', () => {
  expect(blamed(content, announcers)).toEqual(['anna', 'bert'])
  expect(blamed({ ...content, peerUrl: 'https://bert.example/api/v1' }, announcers)).toEqual(['bert'])
  expect(blamed({ ...content, peerUrl: 'https://victim.example' }, announcers)).toEqual(['anna', 'bert'])
  expect(blamed({ ...content, peerUrl: 'https://anna.example/api/v1' }, [])).toEqual([])
})

test.each([
  ['peer_cannot_provide_subtree', true],
  ['peer_cannot_provide_transactions', true],
  ['STORAGE_ERROR (59): no space left', true],
  ['SERVICE_UNAVAILABLE (14): utxo store', true],
  ['unknown', true],
  ['', true],
  ['invalid-block', false],
  ['malformed_transaction_data', false],
  ['contains_invalid_transaction', false],
  ['transaction_count_mismatch', false],
  ['BLOCK_INVALID (11): merkle root does not match', false],
])('"%s" is a fault of the infrastructure: %s', (reason, isFault) => {
  expect(isInfrastructureFault({ reason })).toBe(isFault)
})
