import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { projectFile } from '../programs/local-files.ts'

export interface DemoOptions {
  /** Running time of the simulator; undefined = until Ctrl-C. */
  readonly forSeconds: number | undefined
  /** Number of bridges of node A. */
  readonly instances: number
  /** Time between two kills of a bridge of node A; undefined = never. */
  readonly killEverySeconds: number | undefined
  readonly seed: string
  readonly isOpening: boolean
  readonly isJson: boolean
  /** Shows the bridges' own logs on standard error. */
  readonly isVerbose: boolean
}

/** A text file of its own, because `--help` has to work before anything is installed or built. */
export const USAGE = readFileSync(projectFile('deploy', 'local', 'demo', 'usage.txt'), 'utf8').trimEnd()

const MAX_INSTANCES = 5

/** Reads the command line. Throws an error with a message for the user. */
export function readOptions(args: string[], deps: { randomSeed: () => string }): DemoOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      for: { type: 'string' },
      instances: { type: 'string', default: '1' },
      'kill-every': { type: 'string' },
      seed: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const optional = (name: string, value: string | undefined) =>
    value === undefined ? undefined : within(name, value, { from: 1, to: 86_400, isWhole: false })
  const instances = within('--instances', values.instances, { from: 1, to: MAX_INSTANCES, isWhole: true })
  const killEverySeconds = optional('--kill-every', values['kill-every'])
  if (killEverySeconds !== undefined && instances < 2) {
    throw new Error(
      '--kill-every needs --instances 2 or more: what the only bridge misses while it is dead is gone, since gossip has no replay',
    )
  }
  return {
    forSeconds: optional('--for', values.for),
    instances,
    killEverySeconds,
    seed: values.seed ?? deps.randomSeed(),
    isOpening: !values['no-open'],
    isJson: values.json,
    isVerbose: values.verbose,
  }
}

function within(name: string, text: string, { from, to, isWhole }: { from: number; to: number; isWhole: boolean }): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= from && value <= to && (!isWhole || Number.isInteger(value))) return value
  throw new Error(`${name} takes a ${isWhole ? 'whole number' : 'number'} from ${from} to ${to}, not ${text || 'nothing'}`)
}
