import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { runCli } from '../integration/bans/run-cli.ts'
import { startBareNode } from '../integration/gossip/start-host.ts'
import { cuttableProxy } from '../integration/postgres/cuttable-proxy.ts'
import { openGrpcClient } from '../support/bridge/grpc-client.ts'
import { createNode, startBridge, type TestBridge } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { granted } from '../support/granted.ts'
import { createDatabase } from '../support/stack/create-database.ts'
import { createTopicClient } from '../support/stack/topic-client.ts'

const KEY = 'a-key-of-more-than-16-characters'
/** From the command to the end of the connections, on both instances. */
const PROMISED_MS = 2000
const WITHIN = { timeoutMs: 20_000 }
/** In seconds since the epoch: in the year 2100. */
const FAR_FUTURE = 4_102_444_800

const node = await createNode()
const client = await createTopicClient()
const proxy = await cuttableProxy(await createDatabase())
const peer = await startBareNode([])
const peerId = peer.peerId.toString()
let instances: TestBridge[]
let adminUrl: string
let grpcAddress: string
let listening: string[]

async function startInstances(overrides: Record<string, string> = {}): Promise<void> {
  const [adminPort, grpcPort, firstPort, secondPort] = await freePorts(4)
  adminUrl = `http://127.0.0.1:${adminPort}`
  grpcAddress = `127.0.0.1:${grpcPort}`
  listening = [`/ip4/127.0.0.1/tcp/${firstPort}`, `/ip4/127.0.0.1/tcp/${secondPort}`]
  const common = { BANLIST_DB: proxy.url, P2P_PRIVATE_KEY: '', ...overrides }
  const admin = { ADMIN_LISTEN_ADDRESS: `127.0.0.1:${adminPort}`, ADMIN_API_KEY: KEY, P2P_GRPCLISTENADDRESS: grpcAddress }
  instances = await Promise.all([
    startBridge(node, { ...common, ...admin, P2P_PORT: `${firstPort}` }),
    startBridge(node, { ...common, P2P_PORT: `${secondPort}` }),
  ])
}

await startInstances() // for the first tests; a test that starts its own ones ends them
const stopInstances = () => Promise.all(instances.map((instance) => instance.stop()))

async function ask(method: string, path: string, body?: object): Promise<{ readonly banned?: boolean; readonly changed?: boolean }> {
  const init = { method, headers: { 'x-api-key': KEY, connection: 'close' }, ...(body ? { body: JSON.stringify(body) } : {}) }
  return (await fetch(`${adminUrl}${path}`, init)).json() as Promise<{ banned?: boolean; changed?: boolean }>
}

/** Connections of the peer that are alive: one that was closed at the other end ends within milliseconds. */
const open = () => peer.getConnections().filter(({ status }) => status === 'open')
const connections = () => open().length
const isConnectedTo = (address: string) => open().some(({ remoteAddr }) => remoteAddr.toString().startsWith(address))

/** The end of a ban reaches the instances one after the other, so only what is missing is dialled again. */
async function connectToBoth(): Promise<void> {
  await eventually(async () => {
    for (const address of listening) if (!isConnectedTo(address)) await peer.dial(multiaddr(address))
    expect(listening.map(isConnectedTo)).toEqual([true, true])
  }, WITHIN)
}

/** Waits until the ban has ended all connections. */
async function expectCut(): Promise<void> {
  const startedAt = performance.now()
  await eventually(() => expect(connections()).toBe(0))
  expect(performance.now() - startedAt).toBeLessThan(granted(PROMISED_MS))
}

/** A refused dial may end in an error or in a connection that is closed at once. */
async function expectRefused(): Promise<void> {
  for (const address of listening) await peer.dial(multiaddr(address)).catch(() => {})
  await eventually(() => expect(connections()).toBe(0))
}

const byTopic = (action: 'add' | 'remove') => async () => {
  const value = { action, key: peerId, until: null, durationSeconds: null, permanent: action === 'add', reason: '' }
  await client.producer.send(node.topics.banCommands, { key: peerId, value: client.codec.encode('banCommands', value), headers: {} })
}

const byGrpc = (method: string, request: object) => async () => {
  const call = await openGrpcClient(grpcAddress, { key: KEY })
  expect(await call(method, request)).toEqual({ ok: true })
}

const cli = async (...words: string[]) => expect(await runCli(['bans', ...words], node.environment)).toMatchObject({ exitCode: 0 })

const DOORS: [door: string, add: () => Promise<unknown>, remove: () => Promise<unknown>][] = [
  ['the topic of commands', byTopic('add'), byTopic('remove')],
  ['HTTP', () => ask('POST', '/v1/bans', { key: peerId, permanent: true }), () => ask('DELETE', `/v1/bans/${peerId}`)],
  ['gRPC', byGrpc('BanPeer', { addr: peerId, until: FAR_FUTURE }), byGrpc('UnbanPeer', { addr: peerId })],
  ['the command line', () => cli('add', peerId, '--permanent'), () => cli('remove', peerId)],
]

test.each(DOORS)(
  'a ban by %s ends live connections on both instances within two seconds, and its end lets the peer in',
  async (_, add, remove) => {
    await connectToBoth()
    await add() // the command line returns when the ban is in force somewhere
    await expectCut()
    await expectRefused()
    await remove()
    await connectToBoth()
  },
)

test('a ban survives a restart of both instances with Postgres, and without', async () => {
  await connectToBoth()
  await ask('POST', '/v1/bans', { key: peerId, permanent: true })
  await expectCut()
  // The list is confirmed as whole, so that a start without Postgres may trust it.
  await eventually(async () => expect((await runCli(['bans', 'list'], node.environment)).err).toBe(''), { timeoutMs: 40_000 })

  await stopInstances()
  await startInstances()
  await expectRefused()

  await stopInstances()
  await proxy.cut()
  await startInstances()
  expect(instances[0]?.health.report().parts.find(({ part }) => part === 'bans')?.reason).toContain('bans are those last published')
  await expectRefused()
  expect(await ask('GET', `/v1/bans/${peerId}`)).toMatchObject({ banned: true })

  await stopInstances()
  await startInstances({ BANLIST_DB: '' })
  await expectRefused()
  await stopInstances()
  await proxy.mend()
})

test('what a former primary writes late to the topic of bans is overruled, and a topic that lost records is filled again', async () => {
  await startInstances()
  const { values } = (await instances[0]?.registry.getSingleMetric('bridge_ban_entries')?.get()) ?? { values: [] }
  expect(values[0]?.value).toBe(1)
  const before = await publishedBans()
  expect(before.map(({ key }) => key)).toEqual([peerId])
  const stale = { key: '203.0.113.99', until: null, reason: 'an old state', since: 0, cause: 'old' }
  const headers = { type: 'ban', revision: '0' }
  await client.producer.send(node.topics.bans, { key: stale.key, value: client.codec.encode('bans', stale), headers })
  await client.producer.send(node.topics.bans, { key: peerId, value: null, headers }) // lifted before the ban, says an old writer
  await eventually(async () => expect((await publishedBans()).map(({ key }) => key)).toEqual([peerId]), {
    timeoutMs: 60_000,
    intervalMs: 500,
  })
  await expectRefused()
})

/** The last record of each key, as a reader sees it that knows nothing of revisions. */
async function publishedBans(): Promise<{ readonly key: string }[]> {
  const last = new Map<string, Buffer | null>()
  for (const { key, value } of await client.readAll(node.topics.bans, 1)) last.set(String(key), value)
  last.delete('#complete')
  return [...last].flatMap(([key, value]) => (value === null ? [] : [{ key }]))
}
