import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../processes/free-ports.ts'
import { startGuard } from '../processes/guard.ts'
import { canInstall } from '../programs/apt.ts'
import { runCommand } from '../programs/command.ts'
import { projectFile } from '../programs/local-files.ts'
import { ensureArchive } from './archive.ts'
import { createBroker, type LocalBroker } from './broker.ts'
import { clusterId, type KafkaNode } from './broker-config.ts'
import { ensureKafka, isKafkaThere } from './distribution.ts'
import { hasDockerEngine, startDockerKafka } from './docker.ts'
import { awaitMembers } from './ready.ts'

export interface LocalKafkaOptions {
  /** Number of brokers: three for fail-over, one by default. */
  brokers?: 1 | 3
  /** The preferred port of the first broker. When it is taken, and for the other brokers, free ports are used. */
  port?: number
  /** Entries of `server.properties` that win over the local defaults, for every broker. */
  settings?: Record<string, string>
  /**
   * Formats the brokers' directories with Kafka's own tool, as in production: that enables the features of the release, such as
   * the consumer protocol of KIP-848. It takes one second more.
   */
  isFormatted?: boolean
  /** Called before long steps, such as a download. */
  say?: (line: string) => void
}

/** A running local Kafka. `stop()` deletes all its data. */
export interface LocalKafka {
  /** The bootstrap addresses, `host:port`. */
  readonly brokers: string[]
  readonly nodes: readonly LocalBroker[]
  stop(): Promise<void>
}

const READY_DEADLINE_MS = 120_000

/** Starts real Apache Kafka brokers on loopback ports with their data in a temporary directory. */
export async function startKafka(options: LocalKafkaOptions = {}): Promise<LocalKafka> {
  const say = options.say ?? (() => {})
  if (!(await isKafkaThere()) && !canInstall() && (await hasDockerEngine(runCommand))) return inDocker(options, say)
  const distribution = await ensureKafka(say)
  const archive = await ensureArchive(distribution, { start: (jvm) => runCluster({}, jvm), say })
  return runCluster(options, {
    classPath: distribution.classPath,
    jvmFlags: archive === undefined ? [] : [`-XX:SharedArchiveFile=${archive}`],
  })
}

/** Starts the brokers, once the jars exist. */
async function runCluster(options: LocalKafkaOptions, jvm: { classPath: string; jvmFlags: string[] }): Promise<LocalKafka> {
  const directory = await mkdtemp(join(tmpdir(), 'gossip-bridge-kafka-'))
  const guard = startGuard()
  guard.removeAtEnd(directory)
  const nodes: LocalBroker[] = []
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.kill())) // the data is deleted anyway, so an orderly stop would only take longer
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
    guard.release()
  }
  try {
    const cluster = await layOut(options, directory)
    const id = clusterId()
    const all = cluster.map((node) => node.id)
    let isStarted = false
    const awaitReady = (address: string, own: number, hasEnded: () => boolean) =>
      awaitMembers(address, isStarted ? [own] : all, { deadlineMs: READY_DEADLINE_MS, hasEnded })
    for (const node of cluster) {
      const { settings = {}, isFormatted = false } = options
      nodes.push(await createBroker({ node, cluster, clusterId: id, settings, isFormatted, ...jvm }, { guard, awaitReady }))
    }
    await Promise.all(nodes.map((node) => node.start()))
    isStarted = true
    return { brokers: nodes.map((node) => node.address), nodes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function layOut(options: LocalKafkaOptions, directory: string): Promise<KafkaNode[]> {
  const count = options.brokers ?? 1
  const ports = await freePorts(count * 2, options.port)
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    port: ports[index] ?? 0,
    controllerPort: ports[count + index] ?? 0,
    directory: join(directory, `broker-${index + 1}`),
  }))
}

async function inDocker(options: LocalKafkaOptions, say: (line: string) => void): Promise<LocalKafka> {
  if (options.brokers === 3) throw new Error('three local brokers need Java 17 or newer and Maven; with Docker there is one')
  const [port = 0] = await freePorts(1, options.port)
  const { broker, stop } = await startDockerKafka(
    { port, settings: options.settings ?? {}, composeFile: projectFile('docker-compose.yml') },
    { run: runCommand, say, awaitReady: (address) => awaitMembers(address, [1], { deadlineMs: READY_DEADLINE_MS, hasEnded: () => false }) },
  )
  return { brokers: [broker.address], nodes: [broker], stop }
}
