import { randomInt } from 'node:crypto'
import { ALL_FAULTS, faultNamed } from '../faults/all-faults.ts'
import type { Fault } from '../harness/fault.ts'
import { renderReports } from '../harness/report.ts'
import { type FaultReport, runFault } from '../harness/run-fault.ts'
import { startWorld, type World } from '../harness/world.ts'
import { type ChaosOptions, readOptions, USAGE } from './options.ts'
import { shuffled } from './schedule.ts'

const INSTANCES = 3
const MESSAGES_PER_SECOND = 50

/** The compiled part of `npm run chaos`. Resolves with the exit code: 0 when every fault met its bar. */
export async function main(args: string[]): Promise<number> {
  let options: ChaosOptions | 'help'
  try {
    options = readOptions(args, { randomSeed: () => `${randomInt(1_000_000)}` })
    if (options !== 'help') for (const name of options.only) faultNamed(name)
  } catch (error) {
    console.error(`chaos: ${(error as Error).message}\n\n${USAGE}`)
    return 64
  }
  if (options === 'help' || options.isList) {
    console.log(options === 'help' ? USAGE : ALL_FAULTS.map(({ name }) => name).join('\n'))
    return 0
  }
  return run(options, interruption())
}

async function run(options: ChaosOptions, signal: AbortSignal): Promise<number> {
  const { minutes, seed, only, logFolder, program } = options
  const until = performance.now() + minutes * 60_000
  console.log(
    `chaos: ${only.length > 0 ? 'the faults given' : `seed ${seed}, ${minutes} minutes`}; starting three brokers, Postgres and three bridges`,
  )
  const world = await startWorld(
    { instances: INSTANCES, ratePerSecond: MESSAGES_PER_SECOND, isWithPostgres: true, logFolder, program },
    { say },
  )
  const reports: FaultReport[] = []
  let fault: Fault | undefined
  let isWhole = true
  try {
    for (fault of scheduleOf(options)) {
      if (signal.aborted || (only.length === 0 && performance.now() > until)) break
      reports.push(await oneFault(fault, world))
    }
  } catch (error) {
    isWhole = false
    console.error(`chaos: "${fault?.name}" could not be brought to its end: ${(error as Error).stack}`)
  }
  const lateness = world.publisher.worstLatenessMs()
  const faults = await world.stop()
  console.log(
    `\nin this order:\n${reports.map(({ fault }) => `  --only ${JSON.stringify(fault)}`).join(' \\\n')}\n\n${renderReports(reports)}`,
  )
  console.log(`\nthe publisher was at most ${lateness.toFixed(0)} ms late${faults.map((one) => `\n${one}`).join('')}`)
  const isMet = isWhole && reports.length > 0 && reports.every(({ failures }) => failures.length === 0)
  console.log(`chaos: ${isMet ? 'ok' : 'FAILED'}`)
  return isMet ? 0 : 1
}

function* scheduleOf({ only, seed }: ChaosOptions): Generator<Fault> {
  if (only.length > 0) {
    yield* only.map(faultNamed)
    return
  }
  const names = ALL_FAULTS.map(({ name }) => name)
  for (let round = 1; ; round++) yield* shuffled(names, seed, round).map(faultNamed)
}

async function oneFault(fault: Fault, world: World): Promise<FaultReport> {
  say(fault.name)
  const startedAt = performance.now()
  const report = await runFault(fault, world)
  const verdict = report.failures.length === 0 ? 'met' : `NOT MET: ${report.failures.join('; ')}`
  say(`  ${verdict}, after ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  return report
}

function say(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`)
}

/** The first Ctrl-C ends the run after the current fault, the second one at once; guards then end the started processes. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort()
    })
  }
  return controller.signal
}
