import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommandOptions, CommandResult } from '../programs/command.ts'
import type { LocalBroker } from './broker.ts'

export interface DockerKafkaOptions {
  /** The loopback port on which the broker is published. */
  port: number
  /** Entries of `server.properties` that win over those of docker-compose.yml. */
  settings: Record<string, string>
  composeFile: string
}

export interface DockerDeps {
  run(command: string, args: string[], options: CommandOptions): Promise<CommandResult>
  /** Resolves when the broker at this address answers. */
  awaitReady(address: string): Promise<void>
  say(line: string): void
}

const PULL_DEADLINE_MS = 300_000
const COMMAND_DEADLINE_MS = 60_000

/** Whether a Docker engine answers. The program `docker` alone is not enough. */
export async function hasDockerEngine(run: DockerDeps['run']): Promise<boolean> {
  return (await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeoutMs: 10_000 })).code === 0
}

/**
 * Starts the compose file's Kafka where Java is missing: one broker, as a project of its own, so that several can run side by
 * side. Returns the broker, and a `stop` that removes the container and its data.
 */
export async function startDockerKafka(
  options: DockerKafkaOptions,
  deps: DockerDeps,
): Promise<{ broker: LocalBroker; stop(): Promise<void> }> {
  const compose = await composeCommand(deps.run)
  const folder = await mkdtemp(join(tmpdir(), 'gossip-bridge-docker-'))
  const override = join(folder, 'settings.json') // JSON is YAML
  await writeFile(override, JSON.stringify({ services: { kafka: { environment: asEnvironment(options.settings) } } }))
  const project = `gossip-bridge-${randomUUID().slice(0, 8)}`
  const [command = 'docker', ...front] = [...compose, '-p', project, '-f', options.composeFile, '-f', override]

  async function run(args: string[], timeoutMs = COMMAND_DEADLINE_MS): Promise<void> {
    const result = await deps.run(command, [...front, ...args], { timeoutMs, env: { KAFKA_PORT: `${options.port}` } })
    if (result.code !== 0) throw new Error(`\`${compose.join(' ')} ${args.join(' ')}\` failed: ${result.stderr.trim().slice(-1000)}`)
  }
  async function stop(): Promise<void> {
    await run(['down', '--volumes', '--timeout', '0'])
    await rm(folder, { recursive: true, force: true })
  }

  const broker = dockerBroker(`127.0.0.1:${options.port}`, run, deps.awaitReady)
  deps.say('no Java here: starting the Kafka of docker-compose.yml with Docker')
  try {
    await run(['up', '--detach', '--no-deps', 'kafka'], PULL_DEADLINE_MS)
    await deps.awaitReady(broker.address)
    return { broker, stop }
  } catch (error) {
    await stop().catch(() => {}) // the first error is the cause
    throw error
  }
}

function dockerBroker(
  address: string,
  run: (args: string[]) => Promise<void>,
  awaitReady: (address: string) => Promise<void>,
): LocalBroker {
  let isRunning = true
  return {
    id: 1,
    address,
    logFile: '(docker logs)',
    isRunning: () => isRunning,
    kill: async () => {
      await run(['kill', 'kafka'])
      isRunning = false
    },
    stop: async () => {
      await run(['stop', 'kafka'])
      isRunning = false
    },
    freeze: () => run(['pause', 'kafka']),
    thaw: () => run(['unpause', 'kafka']),
    start: async () => {
      await run(['start', 'kafka'])
      isRunning = true
      await awaitReady(address)
    },
  }
}

async function composeCommand(run: DockerDeps['run']): Promise<string[]> {
  const plugin = await run('docker', ['compose', 'version'], { timeoutMs: 10_000 })
  return plugin.code === 0 ? ['docker', 'compose'] : ['docker-compose']
}

/** The image reads `KAFKA_A_B` as the setting `a.b`. */
function asEnvironment(settings: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value]))
}
