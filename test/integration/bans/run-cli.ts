import { runProgram } from '../../../src/cli/program.ts'

export interface CliRun {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

export interface CliOptions {
  readonly input?: string
  /** The command gets a SIGINT as soon as it has printed anything. */
  readonly isInterrupted?: boolean
}

/** One command line of the program, in this process, with the environment as its only settings. */
export async function runCli(words: string[], environment: Record<string, string>, options: CliOptions = {}): Promise<CliRun> {
  const written = { out: '', err: '' }
  const handlers = new Set<(signal: 'SIGINT') => void>()
  const output = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text
      if (name === 'out' && options.isInterrupted) for (const handler of handlers) handler('SIGINT')
    },
  })
  const exitCode = await runProgram(words, {
    environment,
    stdout: output('out'),
    stderr: output('err'),
    nodeVersion: process.version,
    readFile: (path) => {
      throw new Error(`no file ${path} in this test`)
    },
    readInput: () => options.input ?? '',
    onSignal: (handler) => {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    onCrash: () => () => {},
    onWarning: () => () => {},
    onOutputGone: () => () => {},
    onLeftovers: () => () => {},
    exit: () => {},
  })
  return { exitCode, ...written }
}
