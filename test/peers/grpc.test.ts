import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, inject, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { runCommand } from '../../deploy/local/programs/command.ts'
import { startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createTwoNodes, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { createDatabase } from '../support/stack/create-database.ts'
import './peer-programs.ts'

const KEY = 'a-key-of-more-than-16-characters'
const HASH = 'ab'.repeat(32)
const WITHIN = { timeoutMs: 30_000, intervalMs: 100 }
const tools = inject('grpcTools')

interface Answer {
  readonly response?: Record<string, unknown>
  readonly code?: string
  readonly message?: string
}

/** The generated Go client, connected to a bridge. */
function startClient(program: string, address: string, key = '') {
  const child = spawn(program, ['-address', address, '-key', key], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers: Answer[] = []
  createInterface({ input: child.stdout }).on('line', (line) => answers.push(JSON.parse(line)))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  onEnd(() => {
    child.kill('SIGKILL')
    return ended
  })
  let asked = 0
  return async (method: string, request: object = {}): Promise<Answer> => {
    const at = asked++
    child.stdin.write(`${JSON.stringify({ method, request })}\n`)
    return eventually(() => answers[at], WITHIN)
  }
}

/** Two connected bridges; the first serves gRPC. */
async function startBridges(): Promise<{ other: NodeEnvironment; address: string }> {
  const [one, other] = await createTwoNodes()
  const [port] = await freePorts(1)
  const address = `127.0.0.1:${port}`
  const grpc = { P2P_GRPCLISTENADDRESS: address, GRPC_ADMIN_API_KEY: KEY, BANLIST_DB: await createDatabase(), P2P_BAN_THRESHOLD: '1000' }
  await Promise.all([one, other].map((node) => startBridgeProcess({ ...node.environment, ...(node === one && grpc) }).ready()))
  const services = await createNodeServices()
  await services.produce(other.topic('blockchain-notifications'), {
    key: HASH,
    value: JSON.stringify({ type: 'Block', hash: HASH, height: 7 }),
  })
  return { other, address }
}

test.runIf(tools)('a Go client that is generated from the proto calls everything, and grpcurl works by reflection', async () => {
  if (!tools) throw new Error('the clients were not built')
  const { other, address } = await startBridges()
  const [ask, anonymous] = [startClient(tools.client, address, KEY), startClient(tools.client, address)]
  const peer = { peer_id: other.peerId }
  await eventually(async () => {
    const peers = [{ id: other.peerId, height: 7, block_hash: HASH, data_hub_url: other.environment.ASSET_HTTPPUBLICADDRESS }]
    expect((await anonymous('GetPeersForCatchup')).response).toMatchObject({ peers })
  }, WITHIN)

  const done = { response: { ok: true } }
  const success = { response: { success: true, message: expect.any(String) } }
  const calls: [method: string, request: object, answer: object][] = [
    ['GetPeers', {}, { response: { peers: [{ id: other.peerId, addr: '127.0.0.1', currentHeight: 7, banscore: 0 }] } }],
    ['RecordCatchupAttempt', peer, done],
    ['RecordCatchupSuccess', { ...peer, duration_ms: '100' }, done],
    ['RecordCatchupFailure', { ...peer, failure_kind: 'block_incomplete', block_hash: HASH }, done],
    ['UpdateCatchupError', { ...peer, error_msg: 'slow' }, done],
    ['ReportValidSubtree', { ...peer, subtree_hash: HASH }, success],
    ['ReportValidBlock', { ...peer, block_hash: HASH }, success],
    ['ReportValidBlockHeaders', { ...peer, duration_ms: '0' }, success],
    ['ReportValidatedChainProgress', { ...peer, height: 9, block_hash: HASH, chain_work: 'AQ==' }, success],
    ['RecordBytesDownloaded', { ...peer, bytes_downloaded: '18446744073709551615' }, done],
    ['IsPeerUnhealthy', peer, { response: { is_unhealthy: false, reason: '' } }],
    ['AddBanScore', { ...peer, reason: 'corrupt_block_body' }, done],
    ['AddBanScore', { ...peer, reason: 'nothing' }, { code: 'InvalidArgument' }],
    ['RecordCatchupMalicious', peer, done],
    ['IsPeerMalicious', peer, { response: { is_malicious: true } }],
    [
      'GetPeer',
      peer,
      {
        response: { found: true, peer: { height: 9, bytes_received: '18446744073709551615', malicious_count: '1', catchup_failures: '1' } },
      },
    ],
    ['GetPeerRegistry', {}, { response: { peers: [{ id: other.peerId, is_connected: true, reputation_score: 5 }] } }],
    ['ResetReputation', {}, { response: { ok: true, peers_reset: 1 } }],
    ['BanPeer', { addr: '10.1.2.3/8', until: '0' }, done],
    ['IsBanned', { ipOrSubnet: '10.9.9.9' }, { response: { isBanned: true } }],
    ['ListBanned', {}, { response: { banned: ['10.0.0.0/8'] } }],
    ['UnbanPeer', { addr: '10.0.0.0/8' }, done],
    ['ConnectPeer', { peer_address: other.multiaddr }, { response: { success: true, error: '' } }],
    ['DisconnectPeer', peer, { response: { success: true, error: '' } }],
    ['BanPeer', { addr: other.peerId, until: '4102444800' }, done],
    ['ClearBanned', {}, done],
    ['GetPeersForCatchup', {}, { response: { peers: [{ id: other.peerId }] } }],
  ]
  for (const [method, request, answer] of calls) expect([method, await ask(method, request)]).toMatchObject([method, answer])
  expect(await anonymous('BanPeer', { addr: '10.0.0.0/8', until: '0' })).toMatchObject({ code: 'Unauthenticated' })

  const grpcurl = (...args: string[]) => runCommand(tools.grpcurl, ['-plaintext', ...args], { timeoutMs: 90_000 })
  expect((await grpcurl(address, 'list')).stdout.split('\n')).toContain('p2p_api.PeerService')
  const methods = (await grpcurl(address, 'list', 'p2p_api.PeerService')).stdout.trim().split('\n')
  expect(methods.map((name) => name.replace('p2p_api.PeerService.', '')).sort()).toEqual(
    [...new Set(calls.map(([method]) => method))].sort(),
  )
  const banned = await grpcurl(
    '-H',
    `x-api-key: ${KEY}`,
    '-d',
    '{"addr": "203.0.113.0/24", "until": 0}',
    address,
    'p2p_api.PeerService/BanPeer',
  )
  expect(banned).toMatchObject({ code: 0, stdout: expect.stringContaining('"ok": true') })
  const refused = await grpcurl('-d', '{"addr": "x"}', address, 'p2p_api.PeerService/BanPeer')
  expect(refused.stderr).toContain('Code: Unauthenticated')
})
