import { parseArgs } from 'node:util'

export interface DemoOptions {
  /** How long the simulator produces; undefined = until Ctrl-C. */
  readonly forSeconds: number | undefined
  /** How many bridges node A has. */
  readonly instances: number
  readonly seed: string
  readonly isOpening: boolean
  readonly isJson: boolean
  /** Shows the bridges' own logs on standard error. */
  readonly isVerbose: boolean
}

export const USAGE = `npm run demo -- [options]

  --for SECONDS    run that long, wait until all has arrived, then end with "demo: ok" or "demo: FAILED"
  --instances N    bridges of node A, 1 to 5 (1)
  --seed TEXT      the same seed makes the same chain (random)
  --no-open        open no browser
  --json           one JSON object a line
  --verbose        the logs of the bridges, on standard error
  --help`

const MAX_INSTANCES = 5

/** Reads the command line. Throws with a sentence for the user. */
export function readOptions(args: string[], deps: { randomSeed: () => string }): DemoOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      for: { type: 'string' },
      instances: { type: 'string', default: '1' },
      seed: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    forSeconds: values.for === undefined ? undefined : within('--for', values.for, { from: 1, to: 86_400, isWhole: false }),
    instances: within('--instances', values.instances, { from: 1, to: MAX_INSTANCES, isWhole: true }),
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
