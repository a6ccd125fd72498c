import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePorts } from '../../../deploy/local/processes/free-ports.ts'
import { ephemeralIdentity } from '../../../src/identity/key.ts'
import { onEnd } from '../../support/on-end.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { createTopic } from '../../support/stack/create-topic.ts'
import { startHost } from '../gossip/start-host.ts'
import { transactionPooler } from '../postgres/transaction-pooler.ts'
import { diagnose, healthyEnvironment } from './set-up.ts'

const KEY = 'ab'.repeat(32)
const OTHER_KEY = 'cd'.repeat(32)

test('a healthy set-up has nothing to complain of, and every area is looked at', async () => {
  const { code, findings, complaints } = await diagnose(await healthyEnvironment())
  expect({ code, complaints }).toEqual({ code: 0, complaints: '' })
  const areas = new Set(findings.map(({ area }) => area))
  expect([...areas]).toEqual(['settings', 'runtime', 'identity', 'ports', 'kafka', 'postgres', 'peers'])
})

test('a misspelt variable is named, with the setting that was meant', async () => {
  const { code, complaints } = await diagnose({ ...(await healthyEnvironment()), KAFKA_BROKER: 'a', NETWROK: 'x', P2P_STATIC_PEER: 'y' })
  expect(code).toBe(1)
  for (const [variable, meant] of [
    ['KAFKA_BROKER', 'KAFKA_BROKERS'],
    ['NETWROK', 'NETWORK'],
    ['P2P_STATIC_PEER', 'P2P_STATIC_PEERS'],
  ])
    expect(complaints).toMatch(new RegExp(`warn ${variable} in the environment .* did you mean ${meant}`))
})

test('unusable settings are failures, and the rest is not looked at', async () => {
  const { code, findings, complaints } = await diagnose({ ...(await healthyEnvironment()), P2P_PORT: 'x' })
  expect(code).toBe(2)
  expect(complaints).toContain('fail p2p_port is "x"')
  expect(new Set(findings.map(({ area }) => area))).toEqual(new Set(['settings']))
})

test('Kafka that is not there', async () => {
  const [port] = await freePorts(1)
  const { code, complaints } = await diagnose({ ...(await healthyEnvironment()), KAFKA_BROKERS: `127.0.0.1:${port}` })
  expect(code).toBe(2)
  expect(complaints).toContain(`fail the bootstrap broker 127.0.0.1:${port} refuses connections`)
})

test('something that is no Kafka at the address of the broker', async () => {
  const port = await listenSilently()
  const { code, complaints } = await diagnose({ ...(await healthyEnvironment()), KAFKA_BROKERS: `127.0.0.1:${port}` })
  expect(code).toBe(2)
  expect(complaints).toContain(`fail Kafka at 127.0.0.1:${port} gives no answer`)
})

test('topics that are missing or have the wrong settings', async () => {
  const environment = { ...(await healthyEnvironment()), TOPIC_PREFIX: `wrong-${Date.now()}.` }
  await createTopic({ name: `${environment.TOPIC_PREFIX}p2p-events`, partitions: 3 })
  const { code, complaints } = await diagnose(environment)
  expect(code).toBe(2)
  expect(complaints).toMatch(/these topics do not exist: .*\.subtrees, .* -> gossip-bridge topics create/)
  expect(complaints).toMatch(/p2p-events has 3 partitions, wanted are 1/)
  expect(complaints).toMatch(/p2p-events has message.timestamp.type=CreateTime, wanted is LogAppendTime/)
})

test('a database with a wrong password, that does not exist, without migrations, behind a pooler, or that does not answer', async () => {
  const environment = await healthyEnvironment()
  const withDatabase = (change: (url: URL) => void) => {
    const url = new URL(environment.BANLIST_DB ?? '')
    change(url)
    return diagnose({ ...environment, BANLIST_DB: url.href })
  }
  const missing = await withDatabase((url) => {
    url.pathname = '/no_such_database'
  })
  expect(missing).toMatchObject({
    code: 2,
    complaints: expect.stringMatching(/Postgres cannot be used: .*SQLSTATE 3D000.* create the database/),
  })
  const silentPort = await listenSilently()
  const silent = await withDatabase((url) => {
    url.port = `${silentPort}`
  })
  expect(silent).toMatchObject({ code: 2, complaints: expect.stringMatching(/Postgres cannot be used: .* look at the network/) })
  const pooled = await diagnose({ ...environment, BANLIST_DB: await transactionPooler(environment.BANLIST_DB ?? '') })
  expect(pooled).toMatchObject({ code: 2, complaints: expect.stringContaining('fail a pooler in transaction mode is in between') })
  const empty = await diagnose({ ...environment, BANLIST_DB: await createDatabase() })
  expect(empty).toMatchObject({ code: 1, complaints: expect.stringContaining('migrations are missing: 0001_bans') })
})

test('a port that another process has', async () => {
  const environment = await healthyEnvironment()
  const port = await listenSilently()
  const { code, complaints } = await diagnose({ ...environment, P2P_HTTPLISTENADDRESS: `127.0.0.1:${port}` })
  expect(code).toBe(2)
  expect(complaints).toContain(`fail p2p_httpListenAddress 127.0.0.1:${port} cannot be used (EADDRINUSE)`)
})

test('peers: refused, silent, a wrong peer id, another shared key, and a public network are told apart', async () => {
  const environment = await healthyEnvironment()
  const [publicPeer, privatePeer, stranger] = await Promise.all([startHost(), startHost({ sharedKey: KEY }), ephemeralIdentity()])
  const [refusedPort] = await freePorts(1)
  const silentPort = await listenSilently()
  const at = (port: number | undefined) => `/ip4/127.0.0.1/tcp/${port}/p2p/${stranger.peerId}`
  const answerFor = async (peer: string, more: Record<string, string> = {}) =>
    (await diagnose({ ...environment, P2P_STATIC_PEERS: peer, ...more })).complaints
  expect(await answerFor(at(refusedPort))).toMatch(/refuses connections: nothing listens/)
  expect(await answerFor(at(silentPort))).toMatch(/takes connections and says nothing/)
  expect(await answerFor(publicPeer.address().replace(publicPeer.peerId, stranger.peerId))).toMatch(/has another peer id/)
  expect(await answerFor(privatePeer.address())).toMatch(/is in a private network, this bridge in a public one/)
  expect(await answerFor(publicPeer.address(), { P2P_SHARED_KEY: KEY })).toMatch(/is in a public network, this bridge in a private one/)
  expect(await answerFor(privatePeer.address(), { P2P_SHARED_KEY: OTHER_KEY })).toMatch(/ends the connection .* compare p2p_shared_key/)
  expect(await answerFor(privatePeer.address(), { P2P_SHARED_KEY: KEY })).toBe('')
})

test('a schema registry that is not there, without its password in the answer', async () => {
  const [port] = await freePorts(1)
  const { code, complaints } = await diagnose({
    ...(await healthyEnvironment()),
    SCHEMA_REGISTRY_URL: `http://user:very-secret@127.0.0.1:${port}`,
  })
  expect(code).toBe(2)
  expect(complaints).toMatch(/the request to the schema registry at http:\/\/127\.0\.0\.1:\d+ failed/)
  expect(complaints).not.toContain('very-secret')
})

/** A server that takes connections and never says a word. Returns its port. */
async function listenSilently(): Promise<number> {
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onEnd(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as { port: number }).port
}
