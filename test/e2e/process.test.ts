import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type BridgeProcess, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics, createTwoNodes } from '../support/bridge/node-environment.ts'
import { eventually } from '../support/eventually.ts'
import { granted } from '../support/granted.ts'
import { onEnd } from '../support/on-end.ts'
import { createDatabase } from '../support/stack/create-database.ts'

/** Nothing listens there. */
const NO_KAFKA = '127.0.0.1:1'
const STOPS_WITHIN_MS = 10_000

/** A port that takes connections and never says a word, as a hung broker does. */
async function silentPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
  onEnd(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

function fatalSentence(bridge: BridgeProcess): string {
  const sentences = bridge.logs().flatMap(({ level, err }) => (level === 'fatal' ? [(err as { message: string }).message] : []))
  expect(sentences).toHaveLength(1)
  return sentences.join()
}

test('connected bridges stop in order on SIGTERM and on SIGINT, well within ten seconds', async () => {
  const [a, b] = await createTwoNodes({ BANLIST_DB: await createDatabase() })
  const bridges = [startBridgeProcess(a.environment), startBridgeProcess(b.environment)] as const
  await Promise.all(bridges.map((bridge) => bridge.ready()))
  const endings = await Promise.all([bridges[0].end('SIGTERM'), bridges[1].end('SIGINT')])
  for (const { code, signal, afterMs } of endings) {
    expect({ code, signal }).toEqual({ code: 0, signal: null })
    expect(afterMs).toBeLessThan(granted(STOPS_WITHIN_MS))
  }
  for (const bridge of bridges) {
    expect(bridge.logs().at(-1)).toMatchObject({ msg: 'stopped everything', exitCode: 0 })
    expect(bridge.logs().filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([])
  }
})

test('a second signal ends the bridge at once', async () => {
  const node = await createNodeEnvironment()
  await createNodeTopics(node)
  const bridge = startBridgeProcess(node.environment)
  await bridge.ready()
  bridge.signal('SIGTERM')
  bridge.signal('SIGINT')
  const { code, afterMs } = await bridge.ended
  expect(code).toBe(1)
  expect(afterMs).toBeLessThan(granted(500))
  expect(bridge.logs().at(-1)).toMatchObject({ msg: 'asked to stop a second time, exiting at once' })
})

test('SIGUSR2 changes how much is logged, and the health port says how much that is', async () => {
  const { environment } = await createNodeEnvironment({ KAFKA_BROKERS: NO_KAFKA })
  const bridge = startBridgeProcess(environment)
  await eventually(async () => expect(await bridge.health('/loglevel')).toBe('200 {"level":"info"}'), { timeoutMs: 10_000 })
  expect(bridge.logs().filter(({ level }) => level === 'debug')).toEqual([])
  bridge.signal('SIGUSR2')
  await eventually(async () => expect(await bridge.health('/loglevel')).toBe('200 {"level":"debug"}'))
  await bridge.end('SIGTERM')
  expect(bridge.logs().filter(({ level }) => level === 'debug')).not.toEqual([])
})

test('SIGHUP makes it read its settings again, and unusable ones change nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'reload-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'bridge.yaml')
  writeFileSync(file, 'log_level: info\n')
  const { environment } = await createNodeEnvironment({ KAFKA_BROKERS: NO_KAFKA, GOSSIP_BRIDGE_CONFIG: file })
  const bridge = startBridgeProcess(environment)
  const level = (text: string) => eventually(async () => expect(await bridge.health('/loglevel')).toBe(`200 {"level":"${text}"}`))
  await level('info')
  writeFileSync(file, 'log_level: warn\nseen_window: 11m\n')
  bridge.signal('SIGHUP')
  await level('warn')
  writeFileSync(file, 'log_level: loud\n')
  bridge.signal('SIGHUP')
  const refused = /the old ones stay in effect: .*log_level is "loud"/s
  await eventually(() => bridge.logs().some(({ msg }) => refused.test(String(msg))))
  expect(bridge.logs().filter(({ msg }) => msg === 'these settings have changed and need a restart')).toMatchObject([
    { changed: ['seen_window: "10m" -> "11m" (restart)'] },
  ])
  await level('warn')
  await bridge.end('SIGTERM')
})

test('SIGHUP: an added static peer is dialled, and a removed one is not dialled again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'reload-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'bridge.yaml')
  writeFileSync(file, '')
  const [a, b] = await Promise.all([createNodeEnvironment({ GOSSIP_BRIDGE_CONFIG: file }), createNodeEnvironment()])
  await Promise.all([createNodeTopics(a), createNodeTopics(b)])
  const [bridge, peer] = [startBridgeProcess(a.environment), startBridgeProcess(b.environment)]
  await Promise.all([bridge.ready(), peer.ready()])
  const read = () => bridge.logs().filter(({ msg }) => msg === 'settings read again').length
  const reload = async (text: string) => {
    const before = read()
    writeFileSync(file, text)
    bridge.signal('SIGHUP')
    await eventually(() => expect(read()).toBe(before + 1), { timeoutMs: 30_000 })
  }
  const dials = () => bridge.metric('bridge_gossip_dials_total')
  const peers = async (count: number) =>
    eventually(async () => expect(await bridge.metric('bridge_gossip_peers')).toBe(count), { timeoutMs: 60_000 })
  expect(await dials()).toBe(0)
  await reload(`p2p_static_peers: ${b.multiaddr}\ngossip_inbound_rate: 1000\n`)
  await peers(1)
  await reload('')
  const tried = await dials()
  await peer.end('SIGTERM')
  await peers(0)
  await setTimeout(3000) // a static peer that is lost is dialled within a second
  expect(await dials()).toBe(tried)
  await reload(`p2p_static_peers: ${b.multiaddr}\n`)
  await eventually(async () => expect(await dials()).toBeGreaterThan(tried), { timeoutMs: 60_000 })
  expect(bridge.logs().filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([])
})

test.each(['HEALTHLISTENADDRESS', 'P2P_HTTPLISTENADDRESS', 'P2P_PORT'])(
  'a taken port in %s is one sentence that names it, and exit code 1',
  async (name) => {
    const port = await silentPort()
    const node = await createNodeEnvironment({ [name]: name === 'P2P_PORT' ? `${port}` : `127.0.0.1:${port}` })
    if (name === 'P2P_PORT') await createNodeTopics(node)
    const bridge = startBridgeProcess(node.environment)
    const { code } = await bridge.ended
    expect(code).toBe(1)
    const sentence = fatalSentence(bridge)
    expect(sentence.toLowerCase()).toContain(name.toLowerCase())
    expect(sentence).toContain(`${port}`)
    expect(sentence).toMatch(/another (process|program)/)
    expect(sentence).not.toContain('\n')
  },
)

test.each(['nobody listens', 'a listener is silent'])(
  'SIGTERM while the start waits for Kafka, where %s, ends it with 0 at once',
  async (kind) => {
    const kafka = kind === 'nobody listens' ? NO_KAFKA : `127.0.0.1:${await silentPort()}`
    const { environment } = await createNodeEnvironment({ KAFKA_BROKERS: kafka })
    const bridge = startBridgeProcess(environment)
    await eventually(async () => expect(await bridge.health('/readyz')).toMatch(/producer: Kafka at .* does not answer/), {
      timeoutMs: 10_000,
    })
    const { code, afterMs } = await bridge.end('SIGTERM')
    expect(code).toBe(0)
    expect(afterMs).toBeLessThan(granted(3000))
  },
)

test('no secret is in what the bridge writes, at the finest level of its log', async () => {
  const database = new URL(await createDatabase())
  database.password = 'database-secret'
  const secrets = {
    P2P_SHARED_KEY: 'c0ffee'.repeat(11),
    BANLIST_DB: database.href,
    LOG_LEVEL: 'trace',
  }
  const node = await createNodeEnvironment(secrets)
  await createNodeTopics(node)
  const bridge = startBridgeProcess(node.environment)
  await bridge.ready()
  const stranger = await createNodeEnvironment({
    ...secrets,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: 'bridge',
    KAFKA_SASL_PASSWORD: 'kafka-secret',
  })
  const denied = startBridgeProcess(stranger.environment)
  await eventually(async () => expect(await denied.health('/readyz')).toContain("does not accept the bridge's credentials"), {
    timeoutMs: 10_000,
  })
  await Promise.all([bridge.end('SIGTERM'), denied.end('SIGTERM')])
  for (const { output } of [bridge, denied]) {
    expect(output().length).toBeGreaterThan(500)
    for (const secret of ['c0ffee', 'kafka-secret', 'database-secret', node.privateKey, stranger.privateKey])
      expect(output()).not.toContain(secret)
  }
})
