import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type DemoOptions, readOptions, USAGE } from './demo/options.ts'
import { createJsonReporter } from './demo/report/json-reporter.ts'
import { createPlainReporter } from './demo/report/plain-reporter.ts'
import type { Reporter } from './demo/report/reporter.ts'
import { createTerminalReporter } from './demo/report/terminal-reporter.ts'
import { type Findings, runDemo } from './demo/run.ts'
import { Cleanup } from './demo/stack/cleanup.ts'

/** Processes that have not ended by then are left to the guards, which end them after this process is gone. */
const CLEANUP_DEADLINE_MS = 9000
const INTERRUPTED = 130

/** `npm run demo` once everything is installed and built. Resolves with the exit code. */
export async function demo(args: string[]): Promise<number> {
  let options: DemoOptions | 'help'
  try {
    options = readOptions(args, { randomSeed: () => `${randomInt(1_000_000)}` })
  } catch (error) {
    console.error(`demo: ${(error as Error).message}\n\n${USAGE}`)
    return 64
  }
  if (options !== 'help') return runToEnd(options)
  console.log(USAGE)
  return 0
}

async function runToEnd(options: DemoOptions): Promise<number> {
  const reporter = createReporter(options)
  const cleanup = new Cleanup()
  const interrupt = interruption()
  let isRunning = false
  const onRunning = () => {
    isRunning = true
  }
  // Without `--for`, Ctrl-C is the normal end of a demo. Before the demo runs, or before the verdict of `--for`, it is an interruption.
  const interrupted = () => (isRunning && options.forSeconds === undefined ? 0 : INTERRUPTED)
  try {
    const findings = await Promise.race([start(options, { reporter, cleanup, onRunning, signal: interrupt.signal }), interrupt.grace])
    const faults = [...(findings?.faults ?? []), ...(await stopAll(cleanup, reporter))]
    const isWhole = !interrupt.signal.aborted
    if (isWhole) reporter.verdict({ ok: faults.length === 0, faults, snapshot: findings?.snapshot })
    else reporter.say('stopped', [...faults.map((fault) => `  ${fault}`), 'demo: stopped'], { faults })
    if (isWhole) return faults.length === 0 ? 0 : 1
    return interrupted()
  } catch (error) {
    const faults = [(error as Error).message, ...(await stopAll(cleanup, reporter))]
    if (interrupt.signal.aborted) reporter.say('stopped', ['demo: stopped'], { faults })
    else reporter.verdict({ ok: false, faults, snapshot: undefined })
    return interrupt.signal.aborted ? interrupted() : 1
  } finally {
    reporter.end()
  }
}

interface StartDeps {
  readonly reporter: Reporter
  readonly cleanup: Cleanup
  readonly signal: AbortSignal
  readonly onRunning: () => void
}

function start(options: DemoOptions, deps: StartDeps): Promise<Findings> {
  const onLog = (bridge: string, line: string) => void (options.isVerbose && process.stderr.write(`${bridge} ${line}\n`))
  return runDemo(options, { ...deps, onLog, isTerminal: process.stdout.isTTY === true && !options.isJson })
}

function createReporter({ isJson }: DemoOptions): Reporter {
  const output = process.stdout
  if (isJson) return createJsonReporter({ output })
  return output.isTTY ? createTerminalReporter({ output }) : createPlainReporter({ output })
}

/** The first Ctrl-C ends the run in order, the second one at once. A closed terminal or output counts as a Ctrl-C. */
function interruption(): { signal: AbortSignal; grace: Promise<undefined> } {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED)
    controller.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  process.stdout.on('error', () => controller.abort())
  // A start in progress cannot be cancelled; the guards clean up what it still creates.
  const grace = new Promise<undefined>((resolve) => {
    controller.signal.addEventListener('abort', () => setTimeout(() => resolve(undefined), 500).unref(), { once: true })
  })
  return { signal: controller.signal, grace }
}

async function stopAll(cleanup: Cleanup, reporter: Reporter): Promise<string[]> {
  const deadline = new AbortController()
  const late = pause(CLEANUP_DEADLINE_MS, undefined, { signal: deadline.signal }).then(
    () => ['not everything had ended in time; the rest is ended by force'],
    () => [],
  )
  const faults = await reporter.step('stop everything', () => Promise.race([cleanup.run(), late]))
  deadline.abort()
  return faults
}
