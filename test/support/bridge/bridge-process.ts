import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect } from 'vitest'
import { type CommandResult, runCommand } from '../../../deploy/local/programs/command.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { eventually } from '../eventually.ts'
import { onEnd } from '../on-end.ts'

/** One line of the bridge's log. */
export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** How a process ended, and how long after the last signal that we sent it. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly afterMs: number
}

/** A built bridge that runs as a process of its own. */
export interface BridgeProcess {
  readonly pid: number
  readonly ended: Promise<Ending>
  hasEnded(): boolean
  /** Everything that it has written, on both streams. */
  output(): string
  logs(): LogLine[]
  signal(name: NodeJS.Signals): void
  /** Sends the signal and waits for the end. */
  end(name: NodeJS.Signals): Promise<Ending>
  /** Status and text of a page of the health port, such as `200 OK`; rejects while the port is closed. */
  health(path: string): Promise<string>
  /** The sum of a metric of `/metrics` over all its labels; 0 when it is missing. */
  metric(name: string): Promise<number>
  /** Resolves when the bridge reports that it is ready; rejects with its log when it ends before or takes too long. */
  ready(timeoutMs?: number): Promise<void>
}

const BUILT_PROGRAM = projectFile('dist', 'main.js')
/** The variables of our environment that the process inherits: settings from the shell must not reach it. */
const inherited = Object.fromEntries(['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ'].map((name) => [name, process.env[name]]))
const READY_WITHIN_MS = 60_000
const SHOWN_LINES = 40

/** Runs one command of the built program to its end. */
export function runBridge(words: string[], environment: Record<string, string>, program = BUILT_PROGRAM): Promise<CommandResult> {
  const env = { ...Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined])), ...inherited, ...environment }
  return runCommand(process.execPath, [program, ...words], { timeoutMs: 90_000, env: env as Record<string, string> })
}

/** Starts `serve` of the built program, or of another build. The end of the test kills it, if it still runs. */
export function startBridgeProcess(environment: Record<string, string>, program = BUILT_PROGRAM): BridgeProcess {
  const child = spawn(process.execPath, [program, 'serve'], {
    env: { ...inherited, LOG_FORMAT: 'json', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => void lines.push(line))
  let isOver = false
  let signalledAt = performance.now()
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => {
      isOver = true
      resolve({ code, signal, afterMs: performance.now() - signalledAt })
    })
  })
  const signal = (name: NodeJS.Signals) => {
    signalledAt = performance.now()
    child.kill(name)
  }
  const end = (name: NodeJS.Signals) => {
    signal(name)
    return ended
  }
  onEnd(async () => void (isOver || (await end('SIGKILL'))))
  const health = (path: string) => page(`http://${environment.HEALTHLISTENADDRESS}${path}`)

  async function ready(timeoutMs = READY_WITHIN_MS): Promise<void> {
    const lastLines = () => lines.slice(-SHOWN_LINES).join('\n')
    try {
      await eventually(async () => isOver || expect(await health('/readyz?verbose')).toMatch(/^200 /), { timeoutMs, intervalMs: 50 })
    } catch (cause) {
      throw new Error(`the bridge did not get ready: ${(cause as Error).message}\n${lastLines()}`, { cause })
    }
    if (isOver) throw new Error(`the bridge ended before it was ready\n${lastLines()}`)
  }

  return {
    pid: child.pid ?? 0,
    ended,
    hasEnded: () => isOver,
    output: () => lines.join('\n'),
    logs: () => lines.flatMap(parsed),
    signal,
    end,
    health,
    metric: async (name) => sumOf(name, await health('/metrics')),
    ready,
  }
}

/** Status and text of a page, on a connection that closes after the answer. */
export async function page(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000), headers: { connection: 'close' } })
  return `${response.status} ${await response.text()}`
}

function parsed(line: string): LogLine[] {
  return line.startsWith('{') ? [JSON.parse(line) as LogLine] : []
}

function sumOf(name: string, metrics: string): number {
  const samples = metrics.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0)
}
