import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Child, startChild } from '../../deploy/local/demo/stack/child.ts'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { ephemeralIdentity } from '../../src/identity/key.ts'
import { toTeranodeHex } from '../../test/support/private-key.ts'
import { profileEnvironment } from '../profile/profile.ts'
import type { BenchContext } from './bench.ts'

/** A node with its own topics, whose bridge does not run yet. */
export interface BenchNode {
  readonly bridgeId: string
  readonly peerId: string
  /** Where its bridge listens for peers. */
  readonly multiaddr: string
  readonly httpPort: number
  readonly healthPort: number
  readonly environment: Readonly<Record<string, string>>
  topic(name: string): string
}

/** A bridge that runs as for users: `node dist/main.js serve`. */
export interface BenchBridge {
  readonly pid: number
  /** From the start of the process until it reported that it is ready. */
  readonly readyAfterMs: number
  stop(): Promise<void>
}

const READY_DEADLINE_MS = 30_000
const READY_POLL_MS = 10
const STOP_DEADLINE_MS = 10_000

/** `BENCH_PROGRAM` names the `dist/main.js` of another build, to compare it with this one. */
const program = process.env.BENCH_PROGRAM ? { program: process.env.BENCH_PROGRAM } : {}

/** Creates the node's topics, as an operator would. */
export async function createNode(context: BenchContext): Promise<BenchNode> {
  const node = await layOutNode(`bench-${randomBytes(4).toString('hex')}`, context.kafka.brokers)
  const lines: string[] = []
  const command = startChild(
    { ...program, args: ['topics', 'create'], environment: node.environment },
    { guard: context.guard, onLine: (_, line) => lines.push(line) },
  )
  const { code } = await command.ended
  if (code !== 0) throw new Error(`"topics create" ended with ${code}:\n${lines.join('\n')}`)
  return node
}

/** Another instance of the same bridge: its own identity and ports, everything else shared. */
export function siblingOf({ bridgeId, environment }: BenchNode): Promise<BenchNode> {
  return layOutNode(bridgeId, (environment.KAFKA_BROKERS ?? '').split(','))
}

async function layOutNode(bridgeId: string, brokers: readonly string[]): Promise<BenchNode> {
  const [p2pPort = 0, httpPort = 0, healthPort = 0] = await freePorts(3)
  const identity = await ephemeralIdentity()
  const environment = {
    NETWORK: 'regtest',
    BRIDGE_ID: bridgeId,
    CLIENTNAME: bridgeId,
    TOPIC_PREFIX: `${bridgeId}.`,
    KAFKA_BROKERS: brokers.join(','),
    P2P_LISTEN_ADDRESSES: '127.0.0.1',
    P2P_PORT: `${p2pPort}`,
    P2P_PRIVATE_KEY: toTeranodeHex(identity),
    P2P_HTTPLISTENADDRESS: `127.0.0.1:${httpPort}`,
    HEALTHLISTENADDRESS: `127.0.0.1:${healthPort}`,
    ASSET_HTTPPUBLICADDRESS: 'https://node.example.org:8090/api/v1',
    GOSSIP_OUTBOUND_RATE: '0',
    GOSSIP_INBOUND_RATE: '0',
    LOG_FORMAT: 'json',
  }
  return {
    bridgeId,
    peerId: identity.peerId,
    multiaddr: `/ip4/127.0.0.1/tcp/${p2pPort}/p2p/${identity.peerId}`,
    httpPort,
    healthPort,
    environment,
    topic: (name) => `${bridgeId}.${name}`,
  }
}

/** Starts the node's bridge and waits until it is ready. */
export async function startBridge(node: BenchNode, settings: Record<string, string>, context: BenchContext): Promise<BenchBridge> {
  const lines: string[] = []
  const startedAt = performance.now()
  const child = startChild(
    { ...program, args: ['serve'], environment: { ...node.environment, ...profileEnvironment(), ...settings } },
    {
      guard: context.guard,
      onLine: (_, line) => {
        lines.push(line)
        if (lines.length > 50) lines.shift()
      },
    },
  )
  let stopped: Promise<unknown> | undefined
  const stop = async () => {
    stopped ??= child.stop(STOP_DEADLINE_MS)
    await stopped
  }
  context.scope.add(stop)
  await untilReady(child, node, () => lines.join('\n'))
  return { pid: child.pid, readyAfterMs: performance.now() - startedAt, stop }
}

async function untilReady(child: Child, { healthPort }: BenchNode, log: () => string): Promise<void> {
  let hasEnded = false
  void child.ended.then(() => {
    hasEnded = true
  })
  const until = performance.now() + READY_DEADLINE_MS
  while (performance.now() < until && !hasEnded) {
    const answer = await fetch(`http://127.0.0.1:${healthPort}/readyz`).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok) return
    await pause(READY_POLL_MS)
  }
  throw new Error(`the bridge ${hasEnded ? 'ended' : 'took too long'} before it was ready:\n${log()}`)
}
