import { expect, test, vi } from 'vitest'
import { PEER_SERVICE_RPCS } from '../../../../src/admin/peer-service/peer-service.ts'
import type { KnownPeer } from '../../../../src/reputation/ports.ts'
import { HASH, OTHER, PEER, startService } from './start-service.ts'

const KNOWN: KnownPeer = {
  height: 100,
  hash: HASH,
  dataHubUrl: 'https://node.example/api/v1',
  clientName: 'a node',
  storage: 'full',
  lastBlockAt: 1_700_000_000_000,
  lastMessageAt: 1_700_000_001_000,
}
const ADDRESS = `/ip4/203.0.113.8/tcp/9905/p2p/${OTHER}`

test('GetPeers shows the connected peers with height and score', async () => {
  const announced = new Map([
    [PEER, KNOWN],
    [OTHER, KNOWN],
  ])
  const { ask } = await startService({ announced, scores: { points: { [PEER]: 20 } } })
  expect(await ask('GetPeers')).toEqual({
    peers: [{ id: PEER, addr: '203.0.113.7', inbound: true, currentHeight: 100, banscore: 20 }],
  })
})

test('ConnectPeer dials once, and says why a dial failed in its answer', async () => {
  const works = await startService()
  expect(await works.ask('ConnectPeer', { peer_address: ADDRESS })).toEqual({ success: true, error: '' })
  expect(await works.ask('ConnectPeer', { peer_address: `/ip4/203.0.113.7/tcp/1/p2p/${PEER}` })).toEqual({ success: true, error: '' })
  expect(works.dialled).toEqual([ADDRESS])
  const fails = await startService({ failure: 'banned' })
  expect(await fails.ask('ConnectPeer', { peer_address: ADDRESS })).toEqual({ success: false, error: expect.stringContaining('banned') })
  for (const peer_address of [
    '',
    'x',
    '/ip4/203.0.113.8/tcp/9905',
    `/dnsaddr/example.org/p2p/${OTHER}`,
    `/ip4/1.2.3.4/udp/1/quic-v1/p2p/${OTHER}`,
  ])
    expect(await fails.ask('ConnectPeer', { peer_address })).toMatchObject({ failure: 'INVALID_ARGUMENT' })
})

test('DisconnectPeer closes the connections of a peer, whatever the spelling of its id', async () => {
  const { ask, connected, lines } = await startService()
  expect(await ask('DisconnectPeer', { peer_id: ` ${PEER} ` })).toEqual({ success: true, error: '' })
  expect(connected.size).toBe(0)
  expect(lines.at(-1)).toMatchObject({ door: 'grpc', action: 'disconnect', peerId: PEER, changed: true })
  expect(await ask('DisconnectPeer', { peer_id: PEER })).toEqual({ success: false, error: expect.stringContaining('is connected') })
  expect(await ask('DisconnectPeer', { peer_id: 'x' })).toMatchObject({ failure: 'INVALID_ARGUMENT' })
})

test('reports of catch-up add up, and the answers follow them', async () => {
  const { ask } = await startService({ announced: new Map([[OTHER, KNOWN]]) })
  expect(await ask('RecordCatchupAttempt', { peer_id: OTHER })).toEqual({ ok: true })
  expect(await ask('RecordCatchupSuccess', { peer_id: OTHER, duration_ms: '150' })).toEqual({ ok: true })
  expect(await ask('ReportValidBlockHeaders', { peer_id: OTHER, duration_ms: '0' })).toMatchObject({ success: true })
  expect(await ask('ReportValidBlock', { peer_id: OTHER, block_hash: HASH })).toMatchObject({ success: true })
  expect(await ask('ReportValidSubtree', { peer_id: OTHER, subtree_hash: HASH })).toMatchObject({ success: true })
  expect(await ask('RecordBytesDownloaded', { peer_id: OTHER, bytes_downloaded: '18446744073709551615' })).toEqual({ ok: true })
  expect(await ask('UpdateCatchupError', { peer_id: OTHER, error_msg: 'slow' })).toEqual({ ok: true })
  expect(await ask('GetPeersForCatchup')).toEqual({
    peers: [
      {
        id: OTHER,
        height: 100,
        block_hash: HASH,
        data_hub_url: KNOWN.dataHubUrl,
        catchup_reputation_score: 100,
        catchup_attempts: 1,
        catchup_successes: 1,
        catchup_failures: 0,
      },
    ],
  })
  expect(await ask('GetPeer', { peer_id: OTHER })).toMatchObject({
    found: true,
    peer: {
      id: OTHER,
      is_connected: false,
      is_banned: false,
      bytes_received: '18446744073709551615',
      interaction_attempts: 2,
      interaction_successes: 4,
      avg_response_time_ms: 150,
      reputation_score: 100,
      storage: 'full',
      client_name: 'a node',
      last_catchup_error: 'slow',
      last_message_time: 1_700_000_001,
    },
  })
  expect(await ask('RecordCatchupFailure', { peer_id: OTHER, failure_kind: 'block_incomplete', block_hash: HASH })).toEqual({ ok: true })
  expect(await ask('RecordCatchupFailure', { peer_id: OTHER, failure_kind: '', block_hash: '' })).toEqual({ ok: true })
  expect(await ask('GetPeer', { peer_id: OTHER })).toMatchObject({
    peer: { interaction_failures: 2, catchup_failures: 2, last_catchup_error: `block incomplete during catchup: ${HASH}` },
  })
})

test('a malicious peer scores, is no longer offered, and comes back with ResetReputation', async () => {
  const charge = vi.fn(async () => 'charged')
  const { ask } = await startService({ announced: new Map([[OTHER, KNOWN]]), scores: { points: {}, charge } })
  expect(await ask('RecordCatchupMalicious', { peer_id: OTHER })).toEqual({ ok: true })
  expect(charge).toHaveBeenCalledWith(expect.objectContaining({ peerId: OTHER, reason: 'catchup_failure' }))
  expect(await ask('IsPeerMalicious', { peer_id: OTHER })).toEqual({ is_malicious: true, reason: expect.stringContaining('malicious') })
  expect(await ask('IsPeerUnhealthy', { peer_id: OTHER })).toEqual({
    is_unhealthy: true,
    reason: expect.stringContaining('low reputation'),
    reputation_score: 5,
  })
  expect(await ask('GetPeersForCatchup')).toEqual({ peers: [] })
  expect(await ask('ResetReputation', { peer_id: OTHER })).toEqual({ ok: true, peers_reset: 1 })
  expect(await ask('IsPeerMalicious', { peer_id: OTHER })).toEqual({ is_malicious: false, reason: '' })
  await ask('RecordCatchupAttempt', { peer_id: PEER })
  await ask('RecordCatchupAttempt', { peer_id: OTHER })
  expect(await ask('ResetReputation', { peer_id: '' })).toEqual({ ok: true, peers_reset: 2 })
})

test('a banned peer is malicious and not offered for catch-up', async () => {
  const { ask } = await startService({ announced: new Map([[OTHER, KNOWN]]) })
  await ask('BanPeer', { addr: OTHER, until: '0' })
  expect(await ask('IsPeerMalicious', { peer_id: OTHER })).toEqual({ is_malicious: true, reason: 'the peer is banned' })
  expect(await ask('GetPeersForCatchup')).toEqual({ peers: [] })
})

test('nothing speaks against a peer that is unknown, and it is said to be unknown', async () => {
  const { ask } = await startService()
  expect(await ask('IsPeerMalicious', { peer_id: OTHER })).toEqual({ is_malicious: false, reason: '' })
  expect(await ask('IsPeerUnhealthy', { peer_id: OTHER })).toEqual({ is_unhealthy: false, reason: 'unknown peer', reputation_score: 50 })
  expect(await ask('GetPeer', { peer_id: OTHER })).toEqual({ found: false })
})

test('validated progress gives a height to a peer that announced none', async () => {
  const { ask } = await startService({ announced: new Map([[OTHER, { ...KNOWN, height: 0, hash: '' }]]) })
  expect(await ask('GetPeersForCatchup')).toEqual({ peers: [] })
  const progress = { peer_id: OTHER, height: 7, block_hash: HASH, chain_work: Buffer.from([1]) }
  expect(await ask('ReportValidatedChainProgress', progress)).toMatchObject({ success: true })
  expect(await ask('GetPeersForCatchup')).toMatchObject({ peers: [{ id: OTHER, height: 7, block_hash: HASH }] })
  for (const wrong of [{ height: 0 }, { block_hash: '' }, { chain_work: Buffer.alloc(0) }, { chain_work: Buffer.alloc(33) }])
    expect(await ask('ReportValidatedChainProgress', { ...progress, ...wrong })).toMatchObject({ failure: 'INVALID_ARGUMENT' })
})

test('GetPeerRegistry has every peer that is known in any way', async () => {
  const { ask } = await startService({ announced: new Map([[OTHER, KNOWN]]), scores: { points: { [OTHER]: 30 } } })
  const { peers } = (await ask('GetPeerRegistry')) as { peers: { id: string }[] }
  expect(peers).toMatchObject([
    { id: OTHER, ban_score: 30, is_connected: false, connected_at: 0 },
    { id: PEER, ban_score: 0, is_connected: true, connected_at: 1_700_000_000, height: 0 },
  ])
})

test.each(Object.keys(PEER_SERVICE_RPCS))('%s: a request without anything changes nothing, and never fails inside', async (method) => {
  const { ask, bans, connected } = await startService({ scores: { points: {}, charge: async () => 'charged' } })
  const answer = await ask(method)
  expect(answer.failure ?? 'INVALID_ARGUMENT').toBe('INVALID_ARGUMENT')
  expect([bans.list().length, connected.size]).toEqual([0, 1])
})

test('every report and every change needs the key; the questions of a node do not', () => {
  const open = Object.entries(PEER_SERVICE_RPCS).filter(([, rpc]) => !rpc.isChange)
  expect(open.map(([method]) => method).sort()).toEqual([
    'GetPeer',
    'GetPeerRegistry',
    'GetPeers',
    'GetPeersForCatchup',
    'IsBanned',
    'IsPeerMalicious',
    'IsPeerUnhealthy',
    'ListBanned',
  ])
})
