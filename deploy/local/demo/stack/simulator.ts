import type { Guard } from '../../processes/guard.ts'
import { type Kind, type Ledger, NODES, type NodeName } from '../watch/ledger.ts'
import { type Child, endText, startChild } from './child.ts'
import type { Cleanup } from './cleanup.ts'
import { type DemoNode, nodeEnvironment } from './nodes.ts'

export interface SimulatorOptions {
  readonly kafkaBrokers: readonly string[]
  readonly nodes: Record<NodeName, DemoNode>
  readonly seed: string
  /** Undefined = until it is stopped. */
  readonly forSeconds: number | undefined
}

export interface SimulatorDeps {
  readonly ledger: Ledger
  readonly cleanup: Cleanup
  readonly guard: Guard
}

interface ProducedLine {
  readonly type: Kind
  readonly key: string
  readonly topic: string
  readonly at: number
}

const STOP_DEADLINE_MS = 2000

/** Runs the simulator; each acknowledged record goes into the ledger. `ended` resolves with its fault, or undefined. */
export function startSimulator(
  options: SimulatorOptions,
  { ledger, cleanup, guard }: SimulatorDeps,
): { readonly ended: Promise<string | undefined> } {
  const { nodes, seed, forSeconds } = options
  const complaints: string[] = []
  const nodeArguments = NODES.flatMap((name) => ['--node', nodes[name].topicPrefix])
  const time = forSeconds === undefined ? [] : ['--for', `${forSeconds}`]
  const child: Child = startChild(
    {
      args: ['simulate', '--json', '--seed', seed, ...nodeArguments, ...time],
      environment: nodeEnvironment(nodes.A, options.kafkaBrokers),
    },
    {
      guard,
      onLine: (stream, line) => {
        if (stream === 'stderr') complaints.push(line)
        else hear(JSON.parse(line), nodes, ledger)
      },
    },
  )
  cleanup.layer().add(async () => void (await child.stop(STOP_DEADLINE_MS)))
  const ended = child.ended.then((end) =>
    end.code === 0 ? undefined : `the simulator ended with ${endText(end)}: ${complaints.slice(-5).join(' ')}`,
  )
  return { ended }
}

function hear(line: ProducedLine | { type: 'summary' }, nodes: Record<NodeName, DemoNode>, ledger: Ledger): void {
  if (!('key' in line)) return
  const from = NODES.find((name) => line.topic.startsWith(nodes[name].topicPrefix))
  if (from) ledger.produce(from, line.type, line.key, line.at)
}
