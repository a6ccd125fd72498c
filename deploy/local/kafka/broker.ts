import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Guard } from '../processes/guard.ts'
import { lastLines, type ServerProcess, startServerProcess } from '../processes/server-process.ts'
import { runCommand } from '../programs/command.ts'
import { type KafkaNode, LOG4J_PROPERTIES, metaProperties, serverProperties } from './broker-config.ts'

/** One broker of a local cluster, with the faults that tests inject. A restart keeps its data and its ports. */
export interface LocalBroker {
  readonly id: number
  /** `host:port` for clients. */
  readonly address: string
  readonly logFile: string
  isRunning(): boolean
  /** SIGKILL, as a crash; resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGTERM, as in an orderly restart: the broker hands over its partitions first. */
  stop(): Promise<void>
  /** SIGSTOP: connections stay open and nothing answers, as with a lost network. */
  freeze(): Promise<void>
  /** SIGCONT. */
  thaw(): Promise<void>
  /** Starts it again after `kill` or `stop`; resolves when it answers. */
  start(): Promise<void>
}

export interface BrokerOptions {
  node: KafkaNode
  cluster: readonly KafkaNode[]
  clusterId: string
  settings: Record<string, string>
  /** Kafka's own tool formats the directory, rather than this code. */
  isFormatted: boolean
  classPath: string
  /** Flags of the virtual machine, in addition to those of all brokers. */
  jvmFlags: string[]
}

export interface BrokerDeps {
  guard: Guard
  /** Resolves when the broker at this address answers and lists itself; rejects when it does not in time. */
  awaitReady(address: string, id: number, hasEnded: () => boolean): Promise<void>
}

const JVM = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Djava.awt.headless=true']
const STOP_DEADLINE_MS = 15_000
const FORMAT_DEADLINE_MS = 120_000

/** Writes the broker's files; `start()` then runs it. */
export async function createBroker(options: BrokerOptions, deps: BrokerDeps): Promise<LocalBroker> {
  const { node } = options
  await mkdir(join(node.directory, 'data'), { recursive: true })
  await writeFile(join(node.directory, 'server.properties'), serverProperties(node, options.cluster, options.settings))
  await writeFile(join(node.directory, 'log4j2.properties'), LOG4J_PROPERTIES)
  if (options.isFormatted) await format(options)
  else await writeFile(join(node.directory, 'data', 'meta.properties'), metaProperties(node, options.clusterId))
  const address = `127.0.0.1:${node.port}`
  const logFile = join(node.directory, 'broker.log')
  let server: ServerProcess | undefined

  async function start(): Promise<void> {
    if (server && !server.hasEnded()) throw new Error(`broker ${node.id} at ${address} runs already`)
    const started = await startServerProcess({ command: 'java', args: javaArguments(options), logFile }, deps)
    server = started
    try {
      await deps.awaitReady(address, node.id, started.hasEnded)
    } catch (cause) {
      await started.end('SIGKILL', 0)
      throw new Error(`Kafka broker ${node.id} at ${address} did not start: ${(cause as Error).message}\n${lastLines(logFile, 30)}`, {
        cause,
      })
    }
  }

  return {
    id: node.id,
    address,
    logFile,
    start,
    isRunning: () => server !== undefined && !server.hasEnded(),
    kill: async () => server?.end('SIGKILL', 0),
    stop: async () => server?.end('SIGTERM', STOP_DEADLINE_MS),
    freeze: async () => server?.signal('SIGSTOP'),
    thaw: async () => server?.signal('SIGCONT'),
  }
}

async function format(options: BrokerOptions): Promise<void> {
  const { node, clusterId } = options
  const args = ['format', '-t', clusterId, '-c', `${node.directory}/server.properties`]
  const { code, stdout, stderr } = await runCommand('java', javaArguments(options, 'kafka.tools.StorageTool', args), {
    timeoutMs: FORMAT_DEADLINE_MS,
  })
  if (code !== 0) throw new Error(`the directory of broker ${node.id} could not be formatted: ${stderr || stdout}`)
}

function javaArguments(options: BrokerOptions, program = 'kafka.Kafka', args?: string[]): string[] {
  const { directory } = options.node
  return [
    ...JVM,
    ...options.jvmFlags,
    '-cp',
    options.classPath,
    `-Dlog4j2.configurationFile=${directory}/log4j2.properties`,
    program,
    ...(args ?? [`${directory}/server.properties`]),
  ]
}
