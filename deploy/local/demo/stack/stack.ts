import { STEADY } from '../../kafka/broker-config.ts'
import { startKafka } from '../../kafka/kafka.ts'
import { startPostgres } from '../../postgres/postgres.ts'
import { freePorts, isPortFree } from '../../processes/free-ports.ts'
import { type Guard, startGuard } from '../../processes/guard.ts'
import type { Reporter } from '../report/reporter.ts'
import { NODES, type NodeName } from '../watch/ledger.ts'
import { type BridgeSupervisor, superviseBridge } from './bridge-supervisor.ts'
import { endText, startChild } from './child.ts'
import type { Cleanup } from './cleanup.ts'
import { bridgeEnvironment, type DemoNode, layOutNodes, nodeEnvironment, PORTS_PER_BRIDGE } from './nodes.ts'

export interface StackOptions {
  /** Bridges of node A. */
  readonly instances: number
}

export interface StackDeps {
  readonly reporter: Reporter
  readonly cleanup: Cleanup
  readonly signal: AbortSignal
  readonly onLog: (bridge: string, line: string) => void
}

/** All processes that have to run before the first notification. */
export interface Stack {
  readonly kafkaBrokers: readonly string[]
  readonly nodes: Record<NodeName, DemoNode>
  readonly bridges: readonly BridgeSupervisor[]
  readonly guard: Guard
}

const KAFKA_PORT = 19092
const DASHBOARD_PORTS: Record<NodeName, number> = { A: 9906, B: 9916 }
/** A Ctrl-C has to end everything within 10 s, including the stops before and after the bridges. */
const BRIDGE_STOP_MS = 5000

/** Starts Kafka and Postgres, creates the topics and starts the bridges. `cleanup` stops them even when this rejects. */
export async function startStack({ instances }: StackOptions, deps: StackDeps): Promise<Stack> {
  const { reporter, cleanup } = deps
  const servers = cleanup.layer()
  const guard = startGuard() // never released: it ends with this process when it has nothing left to watch
  const [kafka, postgres] = await Promise.all([
    reporter.step('start Kafka', async (say) => {
      const started = await startKafka({ port: KAFKA_PORT, settings: STEADY, say })
      servers.add(() => started.stop())
      return started
    }),
    reporter.step('start Postgres', async (say) => {
      const started = await startPostgres({ say })
      servers.add(() => started.stop())
      return started
    }),
  ])
  deps.signal.throwIfAborted()
  const nodes = await layOutNodes({ instances, ports: await choosePorts(instances) })
  await reporter.step('create the topics of both nodes', async () => {
    await Promise.all(NODES.map((name) => createTopics(nodes[name], { kafkaBrokers: kafka.brokers, guard })))
  })
  const databases = { A: await postgres.createDatabase('node_a'), B: await postgres.createDatabase('node_b') }
  deps.signal.throwIfAborted()
  const bridges = await startBridges({ nodes, kafkaBrokers: kafka.brokers, databases }, { ...deps, guard })
  return { kafkaBrokers: kafka.brokers, nodes, bridges, guard }
}

interface BridgesOptions {
  readonly nodes: Record<NodeName, DemoNode>
  readonly kafkaBrokers: readonly string[]
  readonly databases: Record<NodeName, string>
}

/** Starts all bridges at once, because a bridge may be ready only when it has a peer. */
async function startBridges(
  { nodes, kafkaBrokers, databases }: BridgesOptions,
  deps: StackDeps & { guard: Guard },
): Promise<BridgeSupervisor[]> {
  const layer = deps.cleanup.layer()
  const everybody = NODES.flatMap((name) => nodes[name].bridges)
  const supervisors = NODES.flatMap((name) =>
    nodes[name].bridges.map((bridge) => {
      const peers = everybody.filter((other) => other !== bridge)
      const environment = bridgeEnvironment({ node: nodes[name], bridge, peers, kafkaBrokers, databaseUrl: databases[name] })
      const onRestart = () => deps.reporter.say('restart', [`  ${bridge.name} has died and is started again`], { bridge: bridge.name })
      const supervisor = superviseBridge(
        { bridge, environment },
        { guard: deps.guard, onLog: (line) => deps.onLog(bridge.name, line), onRestart },
      )
      layer.add(() => supervisor.stop(BRIDGE_STOP_MS))
      return supervisor
    }),
  )
  await Promise.all(
    supervisors.map((supervisor) =>
      deps.reporter.step(`start bridge ${supervisor.bridge.name}`, (say) => supervisor.ready(say, deps.signal)),
    ),
  )
  for (const supervisor of supervisors) supervisor.countWarnings()
  return supervisors
}

async function createTopics(node: DemoNode, { kafkaBrokers, guard }: { kafkaBrokers: readonly string[]; guard: Guard }): Promise<void> {
  const lines: string[] = []
  const environment = nodeEnvironment(node, kafkaBrokers)
  const { ended } = startChild({ args: ['topics', 'create'], environment }, { guard, onLine: (_, line) => void lines.push(line) })
  const end = await ended
  if (end.code !== 0) throw new Error(`"topics create" for ${node.bridgeId} ended with ${endText(end)}:\n${lines.join('\n')}`)
}

/** Free ports; the dashboards get their usual ports where those are free. */
async function choosePorts(instances: number): Promise<number[]> {
  const ports = await freePorts((instances + 1) * PORTS_PER_BRIDGE)
  if (await isPortFree(DASHBOARD_PORTS.A)) ports[0] = DASHBOARD_PORTS.A
  if (await isPortFree(DASHBOARD_PORTS.B)) ports[instances * PORTS_PER_BRIDGE] = DASHBOARD_PORTS.B
  return ports
}
