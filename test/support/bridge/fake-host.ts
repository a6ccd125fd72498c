import type { ProcessPort } from '../../../src/cli/context.ts'

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGUSR2'

export interface FakeHost extends ProcessPort {
  /** The text written to standard output so far. */
  readonly out: () => string
  readonly err: () => string
  readonly exits: number[]
  signal(name: Signal): void
  listenerCount(): number
  /** Number of handlers for a closed standard output. Without one the process ends at once. */
  outputHandlers(): number
  warn(warning: Error): void
  /** Closes the reader of standard output. */
  closeOutput(error: Error): void
  /** Reports these resources as still keeping the process alive after its end. */
  leave(kinds: readonly string[]): void
}

/** A process that exists only in the test, for commands under test. */
export function createFakeHost(environment: Record<string, string> = {}, files: Record<string, string> = {}, input = ''): FakeHost {
  const out: string[] = []
  const err: string[] = []
  const exits: number[] = []
  const listeners = new Set<(name: Signal) => void>()
  const warnings = new Set<(warning: Error) => void>()
  const outputGone = new Set<(error: Error) => void>()
  const leftovers = new Set<(kinds: readonly string[]) => void>()
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
    onWarning: (handler) => enter(warnings, handler),
    onOutputGone: (handler) => enter(outputGone, handler),
    onLeftovers: (handler) => enter(leftovers, handler),
    exit: (code) => exits.push(code),
    out: () => out.join(''),
    err: () => err.join(''),
    exits,
    signal: (name) => {
      for (const listener of listeners) listener(name)
    },
    listenerCount: () => listeners.size,
    outputHandlers: () => outputGone.size,
    warn: (warning) => call(warnings, warning),
    closeOutput: (error) => call(outputGone, error),
    leave: (kinds) => call(leftovers, kinds),
  }
}

function enter<Handler>(handlers: Set<Handler>, handler: Handler): () => void {
  handlers.add(handler)
  return () => void handlers.delete(handler)
}

function call<News>(handlers: Set<(news: News) => void>, news: News): void {
  for (const handler of handlers) handler(news)
}
