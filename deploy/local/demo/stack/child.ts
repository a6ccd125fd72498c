import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Guard } from '../../processes/guard.ts'
import { projectFile } from '../../programs/local-files.ts'

export interface ChildOptions {
  /** Arguments of `node dist/main.js`. */
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Another build of the program, for tests. */
  readonly program?: string
}

export interface ChildDeps {
  readonly guard: Guard
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void
}

export interface ChildEnd {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
}

/** A running `node dist/main.js`, watched by the guard. */
export interface Child {
  readonly pid: number
  readonly ended: Promise<ChildEnd>
  /** Sends SIGKILL. False when the process has ended already. */
  kill(): boolean
  /** Sends SIGTERM, and SIGKILL past the deadline. */
  stop(deadlineMs: number): Promise<ChildEnd>
}

/** The variables of our environment that a child inherits: settings from the shell must not reach the demo's bridges. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ']

/** Starts the built program of the bridge, in a process group of its own, so that Ctrl-C reaches the demo only. */
export function startChild(
  { args, environment, program = projectFile('dist', 'main.js') }: ChildOptions,
  { guard, onLine }: ChildDeps,
): Child {
  const inherited = INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  const child = spawn(process.execPath, [program, ...args], {
    cwd: projectFile(),
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const pid = child.pid ?? 0
  if (pid > 0) guard.watch(pid)
  for (const stream of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[stream] }).on('line', (line) => onLine(stream, line))
  }
  const ended = endOf(child).finally(() => guard.forget(pid))
  return {
    pid,
    ended,
    kill: () => child.kill('SIGKILL'),
    async stop(deadlineMs) {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs)
      const end = await ended
      clearTimeout(timer)
      return end
    },
  }
}

/** "exit code 1" or "SIGKILL". */
export function endText({ code, signal }: ChildEnd): string {
  return signal ?? `exit code ${code}`
}

/** Waits for `close` rather than `exit`, because by then all output has been read. */
function endOf(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }))
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
}
