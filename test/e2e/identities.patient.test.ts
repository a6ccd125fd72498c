import pg from 'pg'
import { expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { type BridgeProcess, runBridge, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics } from '../support/bridge/node-environment.ts'
import { eventually } from '../support/eventually.ts'
import { granted } from '../support/granted.ts'
import { onEnd } from '../support/on-end.ts'
import { createDatabase } from '../support/stack/create-database.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const HOST_STOPPED = 'gossip host stopped, the identity is not used any more'
const TAKEN = 'identity taken from the pool'

/** Two instances of one bridge and one key for them: the first has it, the second waits for it. */
async function startHolderAndHeir() {
  const database = new URL(await createDatabase())
  const proxy = await startTcpProxy({ port: 0, target: Number(database.port) })
  onEnd(() => proxy.close())
  const byProxy = new URL(database)
  byProxy.port = `${proxy.port}`
  const { environment: node } = await createNodeEnvironment({
    ROLES: 'relay',
    P2P_PRIVATE_KEY: '',
    IDENTITY_ENCRYPTION_KEY: '0f'.repeat(32),
    IDENTITY_POOL_MAX: '1',
    IDENTITY_LEASE: '15s',
    BANLIST_DB: database.href,
  })
  await createNodeTopics({ environment: node })
  const holder = startBridgeProcess({ ...node, INSTANCE_ID: 'gb-0', BANLIST_DB: byProxy.href })
  await holder.ready()
  const [p2pPort, healthPort] = await freePorts(2)
  const heir = startBridgeProcess({ ...node, INSTANCE_ID: 'gb-1', P2P_PORT: `${p2pPort}`, HEALTHLISTENADDRESS: `127.0.0.1:${healthPort}` })
  await eventually(async () => expect(await heir.health('/readyz')).toContain('all 1 identities of the pool are held'), {
    timeoutMs: 20_000,
  })
  return { holder, heir, proxy, database: database.href, environment: node }
}

/** When a bridge said something, by the clock of this machine; undefined while it has not. */
function saidAt(bridge: BridgeProcess, text: string): number | undefined {
  const line = bridge.logs().find(({ msg }) => msg === text)
  return line && new Date(line.time as string | number).getTime()
}

async function saidIn(bridge: BridgeProcess, text: string): Promise<number> {
  return eventually(() => saidAt(bridge, text), { timeoutMs: 60_000, intervalMs: 50 })
}

async function query(database: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database, query_timeout: 60_000 })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** The way to Postgres is cut: Postgres gives the lock free at once, and the holder runs. */
async function cutOff(): Promise<void> {
  const { holder, heir, proxy } = await startHolderAndHeir()
  await proxy.cut()
  const tookAt = await saidIn(heir, TAKEN)
  expect((await holder.ended).code).toBe(1)
  expect(saidAt(holder, HOST_STOPPED)).toBeLessThan(tookAt)
  expect(holder.output()).toMatch(/the identity of this instance is lost: Postgres has not confirmed for \d+ s/)
}

/** Its machine answers for a frozen process, so it keeps its lock; when Postgres itself ends the session, it wakes up without. */
async function frozen(): Promise<void> {
  const { holder, heir, database, environment } = await startHolderAndHeir()
  holder.signal('SIGSTOP')
  const isLeaseOver = 'SELECT 1 FROM gossip_bridge.identity_holders WHERE lease_until < now()'
  await eventually(async () => expect(await query(database, isLeaseOver)).toHaveLength(1), { timeoutMs: 40_000, intervalMs: 500 })
  expect((await runBridge(['identities', 'list'], environment)).stdout).toContain(' held by gb-0 on ')
  expect(saidAt(heir, TAKEN)).toBeUndefined()

  const sessions = "FROM pg_stat_activity WHERE application_name = 'gossip-bridge identity gb-0'"
  await query(database, `SELECT pg_terminate_backend(pid) ${sessions}`)
  const tookAt = await saidIn(heir, TAKEN)
  const wokenAt = Date.now()
  holder.signal('SIGCONT')
  expect((await holder.ended).code).toBe(1)
  const stoppedAt = saidAt(holder, HOST_STOPPED) ?? Number.POSITIVE_INFINITY
  expect(tookAt).toBeLessThan(wokenAt)
  expect(stoppedAt - wokenAt).toBeLessThan(granted(5000))
}

test('a holder that is cut off has stopped its host before its key is taken, and a frozen one has nothing left to say', async () => {
  await Promise.all([cutOff(), frozen()])
})

test('a second bridge with the same configured key ends with a sentence, and a wrong encryption key does so too', async () => {
  const { environment: node, peerId } = await createNodeEnvironment({
    ROLES: 'relay',
    BANLIST_DB: await createDatabase(),
    INSTANCE_ID: 'gb-0',
  })
  const first = startBridgeProcess(node)
  await eventually(
    async () => expect(await first.health('/readyz?verbose')).toContain(`[+] identity: ${peerId}, held by this instance alone`),
    {
      timeoutMs: 20_000,
    },
  )
  const [p2pPort, healthPort] = await freePorts(2)
  const second = { ...node, INSTANCE_ID: 'gb-1', P2P_PORT: `${p2pPort}`, HEALTHLISTENADDRESS: `127.0.0.1:${healthPort}` }
  const refused = startBridgeProcess(second)
  expect((await refused.ended).code).toBe(1)
  expect(refused.output()).toContain(`the peer id ${peerId}, which p2p_private_key makes, is held by the instance gb-0 on `)

  const pool = { ...second, P2P_PRIVATE_KEY: '', IDENTITY_ENCRYPTION_KEY: '0f'.repeat(32) }
  expect(await runBridge(['identities', 'add'], pool)).toMatchObject({ code: 0 })
  const stranger = startBridgeProcess({ ...pool, IDENTITY_ENCRYPTION_KEY: '11'.repeat(32) })
  expect((await stranger.ended).code).toBe(1)
  expect(stranger.output()).toContain('identity_encryption_key opens none of the 1 keys that the pool of ')
  expect(stranger.output()).not.toContain('11'.repeat(32))
})

const SAME_ID = 'another process is running with the instance_id'

test('a second process with one instance_id is refused while the first lives, and not after it was killed', async () => {
  const { environment } = await createNodeEnvironment({ ROLES: 'relay', INSTANCE_ID: 'gb-0', P2P_PRIVATE_KEY: '' })
  await createNodeTopics({ environment })
  const first = startBridgeProcess(environment)
  await first.ready()
  const [p2pPort, healthPort] = await freePorts(2)
  const elsewhere = { ...environment, P2P_PORT: `${p2pPort}`, HEALTHLISTENADDRESS: `127.0.0.1:${healthPort}` }

  const second = startBridgeProcess(elsewhere)
  expect((await second.ended).code).toBe(1)
  expect(second.output()).toContain(SAME_ID)
  expect(second.output()).toContain('give each process an instance_id of its own')
  await eventually(async () => expect(await first.metric('bridge_instance_id_shared')).toBe(0)) // it has gone

  await first.end('SIGKILL')
  const again = startBridgeProcess(elsewhere)
  await again.ready()
  expect(again.output()).not.toContain(SAME_ID)
})

test('two processes that both run with one instance_id say so in readiness and metrics, and stop saying it when one has gone', async () => {
  const { environment } = await createNodeEnvironment({ ROLES: 'relay', INSTANCE_ID: 'gb-0', P2P_PRIVATE_KEY: '' })
  await createNodeTopics({ environment })
  const first = startBridgeProcess(environment)
  await first.ready()
  first.signal('SIGSTOP') // it cannot answer the second process
  const [p2pPort, healthPort] = await freePorts(2)
  const second = startBridgeProcess({ ...environment, P2P_PORT: `${p2pPort}`, HEALTHLISTENADDRESS: `127.0.0.1:${healthPort}` })
  await second.ready()
  first.signal('SIGCONT')
  for (const bridge of [first, second]) {
    await eventually(async () => expect(await bridge.health('/readyz?verbose')).toContain(SAME_ID), { timeoutMs: 20_000 })
    await bridge.ready()
    expect(await bridge.metric('bridge_instance_id_shared')).toBe(1)
  }
  expect((await second.end('SIGTERM')).code).toBe(0)
  await eventually(async () => expect(await first.metric('bridge_instance_id_shared')).toBe(0))
})
