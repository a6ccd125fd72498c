import type { ProcessPort } from '../../../src/cli/context.ts'

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGUSR2'

export interface FakeHost extends ProcessPort {
  /** What was written so far. */
  readonly out: () => string
  readonly err: () => string
  readonly exits: number[]
  signal(name: Signal): void
  listenerCount(): number
}

/** A process that exists only here, for commands under test. */
export function createFakeHost(environment: Record<string, string> = {}, files: Record<string, string> = {}, input = ''): FakeHost {
  const out: string[] = []
  const err: string[] = []
  const exits: number[] = []
  const listeners = new Set<(name: Signal) => void>()
  return {
    environment,
    nodeVersion: process.version,
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    readFile: (path) => {
      const text = files[path]
      if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
      return text
    },
    readInput: () => input,
    onSignal: (handler) => {
      listeners.add(handler)
      return () => listeners.delete(handler)
    },
    onCrash: () => () => {},
    exit: (code) => exits.push(code),
    out: () => out.join(''),
    err: () => err.join(''),
    exits,
    signal: (name) => {
      for (const listener of listeners) listener(name)
    },
    listenerCount: () => listeners.size,
  }
}
