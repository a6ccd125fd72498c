import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { openGrpcClient } from '../support/bridge/grpc-client.ts'
import { createNode, startBridge } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { createDatabase } from '../support/stack/create-database.ts'
import { createTopicClient } from '../support/stack/topic-client.ts'

const KEY = 'a-key-of-more-than-16-characters'
const HASH = 'ab'.repeat(32)
const WITHIN = { timeoutMs: 20_000 }

function makeCertificate() {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const words =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost'
  execFileSync('openssl', [...words.split(' '), '-keyout', keyFile, '-out', certFile], { stdio: 'pipe' })
  return { certFile, keyFile }
}

test('a bridge with gRPC: a node finds peers to catch up from, reports of them last, and a ban drops a live peer', async () => {
  const [one, other, client, database, [port]] = await Promise.all([
    createNode(),
    createNode(),
    createTopicClient(),
    createDatabase(),
    freePorts(1),
  ])
  const { certFile, keyFile } = makeCertificate()
  const grpc = {
    BANLIST_DB: database,
    P2P_GRPCLISTENADDRESS: `127.0.0.1:${port}`,
    GRPC_ADMIN_API_KEY: KEY,
    SECURITYLEVELGRPC: '1',
    SERVER_CERTFILE: certFile,
    SERVER_KEYFILE: keyFile,
  }
  const peerId = other.peerId
  await startBridge(other)
  const bridge = await startBridge(one, { ...grpc, P2P_STATIC_PEERS: other.multiaddr, P2P_BAN_THRESHOLD: '1000' })
  const ca = readFileSync(certFile)
  const [ask, anonymous] = await Promise.all([
    openGrpcClient(`localhost:${port}`, { key: KEY, ca }),
    openGrpcClient(`localhost:${port}`, { ca }),
  ])
  await eventually(async () => expect(await anonymous('GetPeers')).toMatchObject({ peers: [{ id: peerId, addr: '127.0.0.1' }] }), WITHIN)
  expect(await anonymous('IsPeerUnhealthy', { peer_id: peerId })).toMatchObject({ is_unhealthy: false, reputation_score: 50 })

  const rest = { header: null, previousHash: null, miner: null, sizeInBytes: null, txCount: null }
  const value = client.codec.encode('notifications', { type: 'Block', hash: HASH, height: 7, ...rest })
  await client.producer.send(other.topics.notifications, { key: HASH, value, headers: {} })
  await eventually(async () => {
    const peers = [{ id: peerId, height: 7, block_hash: HASH, data_hub_url: other.environment.ASSET_HTTPPUBLICADDRESS }]
    expect(await anonymous('GetPeersForCatchup')).toMatchObject({ peers })
  }, WITHIN)

  expect(await anonymous('ReportValidBlock', { peer_id: peerId, block_hash: HASH })).toMatchObject({ code: 16 })
  expect(await ask('ReportValidBlock', { peer_id: peerId, block_hash: HASH })).toMatchObject({ success: true })
  expect(await ask('AddBanScore', { peer_id: peerId, reason: 'spam' })).toEqual({ ok: true })
  expect(await ask('BanPeer', { addr: peerId, until: '0' })).toEqual({ ok: true })
  await eventually(async () => expect(await anonymous('GetPeers')).toEqual({ peers: [] }), { timeoutMs: 2000 })
  expect(await ask('ConnectPeer', { peer_address: other.multiaddr })).toMatchObject({
    success: false,
    error: expect.stringContaining('banned'),
  })

  await bridge.stop()
  await startBridge(one, { ...grpc, SECURITYLEVELGRPC: '0' })
  const again = await openGrpcClient(`127.0.0.1:${port}`, { key: KEY })
  await eventually(async () => {
    const peer = { id: peerId, is_banned: true, reputation_score: 90, interaction_successes: '1' }
    expect(await again('GetPeer', { peer_id: peerId })).toMatchObject({ found: true, peer })
  }, WITHIN)
  // Reports are shared by the instances of a bridge, in both directions.
  const [siblingPort, gossipPort] = await freePorts(2)
  await startBridge(one, {
    ...grpc,
    P2P_GRPCLISTENADDRESS: `127.0.0.1:${siblingPort}`,
    P2P_PRIVATE_KEY: '',
    P2P_PORT: `${gossipPort}`,
    SECURITYLEVELGRPC: '0',
  })
  const sibling = await openGrpcClient(`127.0.0.1:${siblingPort}`, { key: KEY })
  expect(await sibling('ReportValidBlock', { peer_id: peerId, block_hash: HASH })).toMatchObject({ success: true })
  for (const instance of [again, sibling]) {
    await eventually(async () => {
      expect(await instance('GetPeer', { peer_id: peerId })).toMatchObject({ found: true, peer: { interaction_successes: '2' } })
    }, WITHIN)
  }
  expect(await again('ResetReputation', { peer_id: '' })).toEqual({ ok: true, peers_reset: 1 })
  expect(await again('ClearBanned')).toEqual({ ok: true })
  expect(await again('IsPeerMalicious', { peer_id: peerId })).toEqual({ is_malicious: false, reason: '' })
}, 120_000)
