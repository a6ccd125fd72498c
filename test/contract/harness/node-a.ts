import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from '../../../deploy/local/demo/stack/child.ts'
import { bridgeEnvironment, type DemoBridge, type DemoNode, nodeEnvironment } from '../../../deploy/local/demo/stack/nodes.ts'
import type { Guard } from '../../../deploy/local/processes/guard.ts'
import type { Brokers } from './brokers.ts'
import { createInstance, type Instance } from './instance.ts'

export interface NodeAOptions {
  readonly node: DemoNode
  readonly kafkaBrokers: readonly string[]
  /** Empty for no database. */
  readonly databaseUrl: string
  /** Addresses of node B, as each bridge reaches it: by its own link. */
  readonly seats: readonly DemoBridge[]
  /** Another build of the bridge, for controls. */
  readonly program?: string | undefined
  readonly logFolder?: string | undefined
}

/** With the brokers' time on `blocks` and `subtrees`, the records themselves show pauses. */
const DERIVED_CONFIG = { 'message.timestamp.type': 'LogAppendTime' } as const

/** Creates the derived topics as the checker needs them, and then the others as an operator does. */
export async function makeTopics({ node, kafkaBrokers }: NodeAOptions, deps: { brokers: Brokers; guard: Guard }): Promise<void> {
  const derived = ['blocks', 'subtrees'].map((name) => ({ name: `${node.topicPrefix}${name}`, partitions: 3, config: DERIVED_CONFIG }))
  await deps.brokers.makeTopics(derived)
  const lines: string[] = []
  const environment = nodeEnvironment(node, kafkaBrokers)
  const { ended } = startChild({ args: ['topics', 'create'], environment }, { ...deps, onLine: (_, line) => void lines.push(line) })
  const { code } = await ended
  if (code !== 0) throw new Error(`"topics create" ended with ${code}:\n${lines.join('\n')}`)
  await deps.brokers.untilInSync()
}

/** The bridges of node A, not started yet. */
export async function createInstances(options: NodeAOptions, { guard }: { guard: Guard }): Promise<Instance[]> {
  const { node, program, logFolder } = options
  if (logFolder) await mkdir(logFolder, { recursive: true })
  return node.bridges.map((bridge, index) =>
    createInstance(
      {
        bridge,
        environment: environmentOf(bridge, index, options),
        ...(program ? { program } : {}),
        ...(logFolder ? { logFile: join(logFolder, `${bridge.name}.log`) } : {}),
      },
      { guard },
    ),
  )
}

function environmentOf(
  bridge: DemoBridge,
  index: number,
  { node, seats, kafkaBrokers, databaseUrl, logFolder }: NodeAOptions,
): Record<string, string> {
  const siblings = node.bridges.filter((other) => other !== bridge)
  const peers = [...seats.slice(index, index + 1), ...siblings]
  // A generated instance id, as by default: the records of dead instances remain.
  const { INSTANCE_ID: _, ...environment } = bridgeEnvironment({ node, bridge, peers, kafkaBrokers, databaseUrl })
  return { ...environment, P2P_SHARED_KEY: '', ...(logFolder ? { LOG_LEVEL: 'debug' } : {}) }
}
