import { parseArgs } from 'node:util'

export interface ChaosOptions {
  readonly minutes: number
  readonly seed: string
  /** These faults in this order instead of a random schedule; empty = random. */
  readonly only: readonly string[]
  /** Folder for the bridges' logs. */
  readonly logFolder: string | undefined
  /** Another build of the bridge than `dist/main.js`. */
  readonly program: string | undefined
  readonly isList: boolean
}

export const USAGE = `npm run chaos -- [options]

  --minutes N     how long faults are injected (5); the one under way is finished
  --seed S        the same seed makes the same schedule (random)
  --only NAME     this fault, and no others; may be given several times, and is then done in that order
  --logs FOLDER   keep the logs of the bridges, with debug
  --program FILE  another build of the bridge than dist/main.js
  --list          print the names of all faults
  --help`

/** Reads the command line. Throws an error with a message for the user. */
export function readOptions(args: string[], deps: { randomSeed: () => string }): ChaosOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      logs: { type: 'string' },
      program: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const minutes = Number(values.minutes)
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new Error(`--minutes takes a number above 0, at most 1440, not ${values.minutes}`)
  return {
    minutes,
    seed: values.seed ?? deps.randomSeed(),
    only: values.only,
    logFolder: values.logs,
    program: values.program,
    isList: values.list,
  }
}
