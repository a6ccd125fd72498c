import { setTimeout as pause } from 'node:timers/promises'
import { Cleanup } from '../../../deploy/local/demo/stack/cleanup.ts'
import { type DemoBridge, type DemoNode, layOutNodes, PORTS_PER_BRIDGE } from '../../../deploy/local/demo/stack/nodes.ts'
import { type LocalKafka, startKafka } from '../../../deploy/local/kafka/kafka.ts'
import { type LocalPostgres, startPostgres } from '../../../deploy/local/postgres/postgres.ts'
import { freePorts } from '../../../deploy/local/processes/free-ports.ts'
import { type Guard, startGuard } from '../../../deploy/local/processes/guard.ts'
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { type Archive, createArchive } from './archive.ts'
import { type Brokers, createBrokers } from './brokers.ts'
import type { Instance } from './instance.ts'
import { connectLiveClient, type LiveClient } from './live-client.ts'
import { createInstances, makeTopics } from './node-a.ts'
import { type Publisher, startPublisher } from './node-b/publisher.ts'
import { type NodeServices, startNodeServices } from './node-services.ts'
import { type OwnNotifications, startOwnNotifications } from './own-notifications.ts'

export interface WorldOptions {
  /** Bridges of node A. */
  readonly instances: number
  readonly ratePerSecond: number
  readonly isWithPostgres: boolean
  /** Another build of the bridge, for controls. */
  readonly program?: string | undefined
  /** Folder for the bridges' logs. */
  readonly logFolder?: string | undefined
}

/** Node A with its brokers, bridges and browsers, its peer node B, and the links between them. */
export interface World {
  readonly brokers: Brokers
  readonly instances: readonly Instance[]
  /** The link of each instance to node B, in the order of the instances. */
  readonly links: readonly TcpProxy[]
  readonly publisher: Publisher
  readonly clients: readonly LiveClient[]
  readonly archive: Archive
  readonly services: NodeServices
  readonly own: OwnNotifications
  readonly postgres: LocalPostgres | undefined
  readonly bridgeId: string
  readonly say: (line: string) => void
  topic(name: string): string
  /** The instance that writes to the event log at once. */
  primary(): Promise<Instance>
  /** Resolves when every instance runs, is ready, and receives messages of node B. */
  untilWhole(): Promise<void>
  /** Resolves with the faults of the whole run. */
  stop(): Promise<string[]>
}

const WHOLE_DEADLINE_MS = 150_000
const PRIMARY_DEADLINE_MS = 60_000

interface StartDeps {
  readonly cleanup: Cleanup
  readonly guard: Guard
  readonly say: (line: string) => void
}

/**
 * Starts the world and begins to publish. Resolves when the first messages have come through to `blocks` and `subtrees`, since a fault
 * before that would prove nothing. When it rejects, it stops all parts that it started.
 */
export async function startWorld(options: WorldOptions, { say }: { say: (line: string) => void }): Promise<World> {
  const cleanup = new Cleanup()
  const guard = startGuard()
  cleanup.layer().add(async () => guard.release())
  try {
    const world = await start(options, { cleanup, guard, say })
    await world.untilWhole()
    await world.primary()
    world.publisher.begin()
    await untilDerived(world)
    return world
  } catch (error) {
    await cleanup.run()
    throw error
  }
}

async function start(options: WorldOptions, deps: StartDeps): Promise<World> {
  const { cleanup, say } = deps
  const { kafka, postgres } = await startServers(options, deps)
  const ports = await freePorts((options.instances + 1) * PORTS_PER_BRIDGE + options.instances)
  const { A, B } = await layOutNodes({ instances: options.instances, ports })
  const topic = (name: string) => `${A.topicPrefix}${name}`
  const brokers = createBrokers({ kafka, logTopic: topic('p2p-events') })
  const { publisher, links, seats } = await startNodeB(B, ports.slice(-options.instances), options, deps)

  const databaseUrl = (await postgres?.createDatabase('node_a')) ?? ''
  const { program, logFolder } = options
  const nodeA = { node: A, kafkaBrokers: kafka.brokers, databaseUrl, seats, program, logFolder }
  await makeTopics(nodeA, { ...deps, brokers })
  const instances = await createInstances(nodeA, deps)
  cleanup.layer().add(() => Promise.all(instances.map(thawAndKill)))
  await Promise.all(instances.map((instance) => instance.start()))

  const services = await startNodeServices(kafka.brokers)
  cleanup.layer().add(() => services.stop())
  const own = startOwnNotifications(topic('blockchain-notifications'), services)
  cleanup.layer().add(() => own.stop())
  return {
    brokers,
    instances,
    links,
    publisher,
    clients: await connectClients(instances, deps),
    archive: createArchive({ brokers: kafka.brokers, topics: [topic('p2p-events'), topic('blocks'), topic('subtrees')] }),
    services,
    own,
    postgres,
    bridgeId: A.bridgeId,
    say,
    topic,
    primary: () => primaryOf(instances),
    untilWhole: () => untilWhole(instances, publisher),
    stop: () => cleanup.run(),
  }
}

async function startServers({ isWithPostgres }: WorldOptions, { cleanup, say }: StartDeps) {
  const kafka: LocalKafka = await startKafka({ brokers: 3, say })
  cleanup.layer().add(() => kafka.stop())
  const postgres = isWithPostgres ? await startPostgres({ say }) : undefined
  if (postgres) cleanup.layer().add(() => postgres.stop())
  return { kafka, postgres }
}

/** The other node, and a link to it for each bridge of node A. */
async function startNodeB(node: DemoNode, linkPorts: readonly number[], { ratePerSecond }: WorldOptions, { cleanup }: StartDeps) {
  const [seat] = node.bridges
  if (!seat) throw new Error('node B has no bridge to take the seat of')
  const publisher = await startPublisher({ port: seat.p2pPort, privateKey: seat.privateKey, ratePerSecond })
  cleanup.layer().add(() => publisher.stop())
  const links = await Promise.all(linkPorts.map((port) => startTcpProxy({ port, target: seat.p2pPort })))
  cleanup.layer().add(() => Promise.all(links.map((link) => link.close())))
  const seats: DemoBridge[] = links.map(({ port }) => ({ ...seat, p2pPort: port }))
  return { publisher, links, seats }
}

/** One client at each instance; a client that loses its instance moves to the next. */
async function connectClients(instances: readonly Instance[], { cleanup }: StartDeps): Promise<LiveClient[]> {
  const urls = instances.map(({ webSocketUrl }) => webSocketUrl)
  const clients = urls.map((_, index) => connectLiveClient([...urls.slice(index), ...urls.slice(0, index)]))
  cleanup.layer().add(async () => {
    for (const client of clients) client.close()
  })
  await Promise.all(clients.map(({ ready }) => ready))
  return clients
}

async function thawAndKill(instance: Instance): Promise<void> {
  instance.thaw()
  await instance.kill()
}

async function primaryOf(instances: readonly Instance[]): Promise<Instance> {
  const until = performance.now() + PRIMARY_DEADLINE_MS
  for (;;) {
    const holds = await Promise.all(instances.map(async (instance) => instance.isRunning() && (await instance.isPrimary())))
    const primaries = instances.filter((_, index) => holds[index])
    if (primaries.length === 1 && primaries[0]) return primaries[0]
    if (performance.now() > until) {
      throw new Error(`${primaries.length} instances take themselves for the primary, for ${PRIMARY_DEADLINE_MS / 1000} s`)
    }
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

async function untilDerived({ archive, topic }: World): Promise<void> {
  const until = performance.now() + WHOLE_DEADLINE_MS
  for (;;) {
    await archive.catchUp()
    if (['blocks', 'subtrees'].some((name) => archive.records(topic(name)).length > 0)) return
    if (performance.now() > until) throw new Error(`nothing has reached blocks or subtrees within ${WHOLE_DEADLINE_MS / 1000} s`)
    await pause(200)
  }
}
