import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import type { Guard } from './guard.ts'

export interface ServerProcessOptions {
  command: string
  args: string[]
  /** Standard output and standard error are appended here. */
  logFile: string
  env?: Record<string, string>
  uid?: number
  gid?: number
}

/** A server that we started. */
export interface ServerProcess {
  readonly pid: number
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
  hasEnded(): boolean
  signal(signal: NodeJS.Signals): void
  /** Sends the signal and waits for the end; SIGKILL when the deadline passes first. */
  end(signal: NodeJS.Signals, deadlineMs: number): Promise<void>
}

/** Starts a server in the background. Its output goes to a file, and the guard ends it if we die. */
export async function startServerProcess(options: ServerProcessOptions, deps: { guard: Guard }): Promise<ServerProcess> {
  const log = openSync(options.logFile, 'a')
  const child = spawn(options.command, options.args, {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...options.env },
    // In a process group of its own: Ctrl-C in a terminal reaches only us, and we stop the servers in order.
    detached: true,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  })
  closeSync(log)
  const pid = await spawned(child, options.command)
  deps.guard.watch(pid)
  let over = false
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      over = true
      deps.guard.forget(pid)
      resolve()
    })
  })
  const signal = (name: NodeJS.Signals) => void (over || child.kill(name))
  return {
    pid,
    ended,
    hasEnded: () => over,
    signal,
    async end(name, deadlineMs) {
      signal(name)
      const timer = setTimeout(() => signal('SIGKILL'), deadlineMs)
      await ended
      clearTimeout(timer)
    },
  }
}

/** The last lines of a log file, for the message of a start that failed. */
export function lastLines(logFile: string, count: number): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count).join('\n')
  } catch {
    return '(no log was written)'
  }
}

function spawned(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${command} could not be started: ${cause.message}`, { cause })))
    child.once('spawn', () => resolve(child.pid ?? 0))
  })
}
