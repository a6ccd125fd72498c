import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startChild } from '../../../deploy/local/demo/child.ts'
import { Cleanup } from '../../../deploy/local/demo/cleanup.ts'
import {
  bridgeEnvironment,
  type DemoBridge,
  type DemoNode,
  layOutNodes,
  nodeEnvironment,
  PORTS_PER_BRIDGE,
} from '../../../deploy/local/demo/nodes.ts'
import { freePorts } from '../../../deploy/local/free-ports.ts'
import { type Guard, startGuard } from '../../../deploy/local/guard.ts'
import { startKafka } from '../../../deploy/local/kafka.ts'
import { type LocalPostgres, startPostgres } from '../../../deploy/local/postgres.ts'
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { type Archive, createArchive } from './archive.ts'
import { type Brokers, createBrokers } from './brokers.ts'
import { createInstance, type Instance } from './instance.ts'
import { connectLiveClient, type LiveClient } from './live-client.ts'
import { type NodeServices, startNodeServices } from './node-services.ts'
import { type Publisher, startPublisher } from './publisher.ts'

export interface WorldOptions {
  /** Bridges of node A. */
  readonly instances: number
  readonly ratePerSecond: number
  readonly isWithPostgres: boolean
  /** Another build of the bridge, for controls. */
  readonly program?: string
  /** The bridges' logs go here. */
  readonly logFolder?: string
}

/** Node A with its brokers, bridges and browsers, the node B that it hears, and the links between them. */
export interface World {
  readonly brokers: Brokers
  readonly instances: readonly Instance[]
  /** The way of each instance to node B, in the order of the instances. */
  readonly links: readonly TcpProxy[]
  readonly publisher: Publisher
  readonly clients: readonly LiveClient[]
  readonly archive: Archive
  readonly services: NodeServices
  readonly postgres: LocalPostgres | undefined
  readonly bridgeId: string
  readonly say: (line: string) => void
  topic(name: string): string
  /** The instance that writes to the log at once. */
  holder(): Promise<Instance>
  /** Resolves when every instance runs, is ready, and hears node B. */
  untilWhole(): Promise<void>
  stop(): Promise<string[]>
}

/** With the brokers' time on `blocks` and `subtrees`, pauses are read from the records themselves. */
export const DERIVED_CONFIG = { 'message.timestamp.type': 'LogAppendTime' } as const

const WHOLE_DEADLINE_MS = 60_000
const HOLDER_DEADLINE_MS = 20_000

/** Starts it all and begins to publish. What it started is stopped when it rejects. */
export async function startWorld(options: WorldOptions, { say }: { say: (line: string) => void }): Promise<World> {
  const cleanup = new Cleanup()
  const guard = startGuard()
  cleanup.layer().add(async () => guard.release())
  try {
    return await start(options, { cleanup, guard, say })
  } catch (error) {
    await cleanup.run()
    throw error
  }
}

interface StartDeps {
  readonly cleanup: Cleanup
  readonly guard: Guard
  readonly say: (line: string) => void
}

async function start(options: WorldOptions, { cleanup, guard, say }: StartDeps): Promise<World> {
  const { instances: count } = options
  const kafka = await startKafka({ brokers: 3, say })
  cleanup.layer().add(() => kafka.stop())
  const postgres = options.isWithPostgres ? await startPostgres({ say }) : undefined
  if (postgres) cleanup.layer().add(() => postgres.stop())
  const databaseUrl = (await postgres?.createDatabase('node_a')) ?? ''

  const ports = await freePorts((count + 1) * PORTS_PER_BRIDGE + count)
  const { A, B } = await layOutNodes({ instances: count, ports })
  const publisherSeat = seatOf(B)
  const topic = (name: string) => `${A.topicPrefix}${name}`
  const brokers = createBrokers({ kafka, logTopic: topic('p2p-events') })
  await makeTopics(A, { brokers, kafkaBrokers: kafka.brokers, guard })
  await brokers.untilInSync()

  const publisher = await startPublisher({
    port: publisherSeat.p2pPort,
    privateKey: publisherSeat.privateKey,
    ratePerSecond: options.ratePerSecond,
  })
  cleanup.layer().add(() => publisher.stop())
  const links = await Promise.all(
    A.bridges.map((_, index) => startTcpProxy({ port: ports[(count + 1) * PORTS_PER_BRIDGE + index] ?? 0, target: publisherSeat.p2pPort })),
  )
  cleanup.layer().add(() => Promise.all(links.map((link) => link.close())))

  if (options.logFolder) await mkdir(options.logFolder, { recursive: true })
  const instances = A.bridges.map((bridge, index) => {
    const siblings = A.bridges.filter((other) => other !== bridge)
    const peers = [{ ...publisherSeat, p2pPort: links[index]?.port ?? 0 }, ...siblings]
    // A generated instance id, as where nobody sets one: the records of the dead stay around.
    const { INSTANCE_ID: _, ...environment } = bridgeEnvironment({ node: A, bridge, peers, kafkaBrokers: kafka.brokers, databaseUrl })
    return createInstance(
      {
        bridge,
        environment: { ...environment, P2P_SHARED_KEY: '' },
        ...(options.program ? { program: options.program } : {}),
        ...(options.logFolder ? { logFile: join(options.logFolder, `${bridge.name}.log`) } : {}),
      },
      { guard },
    )
  })
  cleanup.layer().add(() => Promise.all(instances.map(thawAndKill)))
  await Promise.all(instances.map((instance) => instance.start()))

  const services = await startNodeServices(kafka.brokers)
  cleanup.layer().add(() => services.stop())
  const urls = instances.map(({ webSocketUrl }) => webSocketUrl)
  const clients = urls.map((_, index) => connectLiveClient([...urls.slice(index), ...urls.slice(0, index)]))
  cleanup.layer().add(async () => {
    for (const client of clients) client.close()
  })
  await Promise.all(clients.map(({ ready }) => ready))

  const world: World = {
    brokers,
    instances,
    links,
    publisher,
    clients,
    archive: createArchive({ brokers: kafka.brokers, topics: [topic('p2p-events'), topic('blocks'), topic('subtrees')] }),
    services,
    postgres,
    bridgeId: A.bridgeId,
    say,
    topic,
    holder: () => holderOf(instances),
    untilWhole: () => untilWhole(instances, publisher),
    stop: () => cleanup.run(),
  }
  await world.untilWhole()
  await world.holder()
  publisher.begin()
  return world
}

function seatOf({ bridges }: DemoNode): DemoBridge {
  const [seat] = bridges
  if (!seat) throw new Error('node B has no bridge to take the seat of')
  return seat
}

/** The derived topics first, as the checker wants them; the rest is made as an operator does. */
async function makeTopics(node: DemoNode, deps: { brokers: Brokers; kafkaBrokers: readonly string[]; guard: Guard }): Promise<void> {
  await deps.brokers.makeTopics(
    ['blocks', 'subtrees'].map((name) => ({ name: `${node.topicPrefix}${name}`, partitions: 3, config: DERIVED_CONFIG })),
  )
  const lines: string[] = []
  const environment = nodeEnvironment(node, deps.kafkaBrokers)
  const { code } = await startChild({ args: ['topics', 'create'], environment }, { ...deps, onLine: (_, line) => void lines.push(line) })
    .ended
  if (code !== 0) throw new Error(`"topics create" ended with ${code}:\n${lines.join('\n')}`)
}

async function thawAndKill(instance: Instance): Promise<void> {
  instance.thaw()
  await instance.kill()
}

async function holderOf(instances: readonly Instance[]): Promise<Instance> {
  const until = performance.now() + HOLDER_DEADLINE_MS
  for (;;) {
    const holds = await Promise.all(instances.map(async (instance) => instance.isRunning() && (await instance.isHolder())))
    const holders = instances.filter((_, index) => holds[index])
    if (holders.length === 1 && holders[0]) return holders[0]
    if (performance.now() > until)
      throw new Error(`${holders.length} instances take themselves for the holder, for ${HOLDER_DEADLINE_MS / 1000} s`)
    await pause(100)
  }
}

async function untilWhole(instances: readonly Instance[], publisher: Publisher): Promise<void> {
  const until = performance.now() + WHOLE_DEADLINE_MS
  await Promise.all(instances.map((instance) => instance.ready()))
  while (publisher.listeners() < instances.length) {
    if (performance.now() > until) throw new Error(`only ${publisher.listeners()} of ${instances.length} instances hear node B`)
    await pause(50)
  }
}
