import { expect, test } from 'vitest'
import { envelopeNotification } from '../../../../../src/messages/dialects/envelope/notification.ts'
import { BLOCK_1_HASH, BLOCK_1_HEADER, DATA_HUB_URL, GENESIS_HASH, PEER_ID, SAMPLES } from '../../../../fixtures/announcements.ts'

const seen = { peerId: PEER_ID, receivedAt: Date.parse('2026-07-07T09:00:00.999Z') }
const head = (type: string) => `{"timestamp":"2026-07-07T09:00:00Z","type":"${type}"`

test('a block has the believed height and the name of its sender; best_height is never left out', () => {
  const block = { hash: BLOCK_1_HASH, height: 10_007, announcedHeight: 4_294_967_295, header: BLOCK_1_HEADER, dataHubUrl: DATA_HUB_URL }
  expect(envelopeNotification({ ...seen, type: 'block', block: { ...block, clientName: 'a-node' } }, 'own')).toBe(
    `${head('block')},"hash":"${BLOCK_1_HASH}","base_url":"${DATA_HUB_URL}","peer_id":"${PEER_ID}","height":10007,"best_height":0,"client_name":"a-node"}`,
  )
})

test('a subtree of the own node names the own peer', () => {
  const subtree = { hash: GENESIS_HASH, dataHubUrl: DATA_HUB_URL, clientName: 'us' }
  expect(envelopeNotification({ ...seen, peerId: null, type: 'subtree', subtree }, 'own')).toBe(
    `${head('subtree')},"hash":"${GENESIS_HASH}","base_url":"${DATA_HUB_URL}","peer_id":"own","best_height":0,"client_name":"us"}`,
  )
})

test('a status has all of Teranode’s keys in its order', () => {
  const text = envelopeNotification({ ...seen, ...SAMPLES['node-status'] }, 'own') ?? ''
  expect(Object.keys(JSON.parse(text))).toEqual(
    (
      'timestamp type base_url propagation_url peer_id tx_count version commit_hash best_block_hash best_height subtree_count fsm_state start_time uptime ' +
      'client_name miner_name listen_mode chain_work sync_peer_id sync_peer_height sync_peer_block_hash sync_connected_at min_mining_tx_fee fee_policy ' +
      'connected_peers_count storage'
    ).split(' '),
  )
  expect(JSON.parse(text)).toMatchObject({
    fee_policy: { miningFee: { satoshis: 50, bytes: 1000 } },
    min_mining_tx_fee: 5e-7,
    uptime: 12.5,
  })
})

test('a status keeps a fee of zero, and leaves out an unknown one', () => {
  const of = (minMiningTxFee: number | null) =>
    envelopeNotification({ ...seen, type: 'node-status', nodeStatus: { ...SAMPLES['node-status'].nodeStatus, minMiningTxFee } }, 'own')
  expect(of(0)).toContain('"min_mining_tx_fee":0')
  expect(of(null)).not.toContain('min_mining_tx_fee')
})

test('what Teranode does not show is not shown', () => {
  expect(envelopeNotification({ ...seen, ...SAMPLES['rejected-tx'] }, 'own')).toBeNull()
  expect(envelopeNotification({ ...seen, ...SAMPLES['mining-on'] }, 'own')).toBeNull()
})
