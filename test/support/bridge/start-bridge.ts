import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { Registry } from 'prom-client'
import { expect } from 'vitest'
import { freePorts } from '../../../deploy/local/processes/free-ports.ts'
import { createApp } from '../../../src/app.ts'
import type { Settings } from '../../../src/config/settings.ts'
import { topicNames } from '../../../src/config/topic-names.ts'
import { ephemeralIdentity } from '../../../src/identity/key.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'
import type { TopicRole } from '../../../src/messages/topics.ts'
import { eventually } from '../eventually.ts'
import { onEnd } from '../on-end.ts'
import { toTeranodeHex } from '../private-key.ts'
import { createTopics } from '../stack/create-topic.ts'
import { kafkaBrokers } from '../stack/shared-stack.ts'
import { settingsOf } from './settings.ts'

/** A node of the network from its bridge's view: its topics on the shared broker, its key and its address. */
export interface TestNode {
  readonly name: string
  readonly peerId: string
  readonly topics: Readonly<Record<TopicRole, string>>
  /** The address of its first instance, for the static peers of other nodes. */
  readonly multiaddr: string
  readonly environment: Record<string, string>
}

export interface TestBridge {
  readonly settings: Settings
  readonly health: Health
  readonly registry: Registry
  readonly httpUrl: string
  readonly healthUrl: string
  stop(): Promise<void>
}

const ONE_PARTITION: TopicRole[] = ['events', 'banCommands', 'bans']

/** Creates a node's topics under a random prefix. Nothing runs yet. */
export async function createNode({ partitions = 2 } = {}): Promise<TestNode> {
  const name = `node-${randomUUID().slice(0, 8)}`
  const identity = await ephemeralIdentity()
  const [port] = await freePorts(1)
  const environment = {
    NETWORK: 'regtest',
    CLIENTNAME: name,
    BRIDGE_ID: name,
    TOPIC_PREFIX: `${name}.`,
    KAFKA_BROKERS: kafkaBrokers().join(','),
    P2P_LISTEN_ADDRESSES: '127.0.0.1',
    P2P_PORT: String(port),
    P2P_PRIVATE_KEY: toTeranodeHex(identity),
    ALLOW_PRIVATE_URLS: 'true',
    ASSET_HTTPPUBLICADDRESS: `http://${name}.example:8090/api/v1`,
    GOSSIP_OUTBOUND_RATE: '0',
  }
  const topics = topicNames(settingsOf(environment))
  await createTopics(
    Object.entries(topics).map(([role, topic]) => ({
      name: topic,
      partitions: ONE_PARTITION.includes(role as TopicRole) ? 1 : partitions,
      config: {
        ...(role === 'events' ? { 'message.timestamp.type': 'LogAppendTime' } : {}),
        ...(role === 'bans' ? { 'cleanup.policy': 'compact' } : {}),
      },
    })),
  )
  return { name, peerId: identity.peerId, topics, multiaddr: `/ip4/127.0.0.1/tcp/${port}/p2p/${identity.peerId}`, environment }
}

/** Starts an instance of the node's bridge in this process and waits until it is ready. It stops at the latest when the test ends. */
export async function startBridge(node: TestNode, overrides: Record<string, string> = {}): Promise<TestBridge> {
  const bridge = await launchBridge(node, overrides)
  await bridge.started
  await eventually(() => expect(bridge.health.report().parts.filter((part) => !part.ready)).toEqual([]), { timeoutMs: 60_000 })
  return bridge
}

/** Starts an instance that may never get ready, without waiting for it: `started` rejects when the start fails or is stopped. */
export async function launchBridge(
  node: TestNode,
  overrides: Record<string, string> = {},
): Promise<TestBridge & { readonly started: Promise<void> }> {
  const [httpPort, healthPort] = await freePorts(2)
  const settings = settingsOf({
    ...node.environment,
    P2P_HTTPLISTENADDRESS: `127.0.0.1:${httpPort}`,
    HEALTHLISTENADDRESS: `127.0.0.1:${healthPort}`,
    INSTANCE_ID: `${node.name}-${randomUUID().slice(0, 8)}`,
    ...overrides,
  })
  const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'fatal' })
  const health = new Health({ clock: SYSTEM_CLOCK })
  const registry = new Registry()
  const ended = new AbortController()
  const fatal = (error: Error) => log.fatal({ err: error }, 'the bridge asks to be ended')
  const app = createApp(settings, {
    log,
    registry,
    health,
    version: '0.0.0-test',
    current: () => settings,
    onReload: () => () => {},
    signal: ended.signal,
    fatal,
    onWaiting: () => {},
  })
  const started = app.then(() => {})
  started.catch(() => {}) // a test that awaits it gets the error
  let stopped: Promise<void> | undefined
  const stop = () => {
    ended.abort()
    stopped ??= app.then(
      (running) => running.stop(),
      () => {},
    )
    return stopped
  }
  onEnd(stop)
  return {
    settings,
    health,
    registry,
    httpUrl: `http://127.0.0.1:${httpPort}`,
    healthUrl: `http://127.0.0.1:${healthPort}`,
    started,
    stop,
  }
}
