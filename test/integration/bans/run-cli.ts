import { runProgram } from '../../../src/cli/program.ts'

export interface CliRun {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

export interface CliOptions {
  readonly input?: string
  /** As soon as the command has printed anything, it gets a SIGINT, or its reader is gone. */
  readonly interruption?: 'signal' | 'closed-output'
}

/** One command line of the program, in this process, with the environment as its only settings. */
export async function runCli(words: string[], environment: Record<string, string>, options: CliOptions = {}): Promise<CliRun> {
  const written = { out: '', err: '' }
  const handlers = new Set<(signal: 'SIGINT') => void>()
  const outputGone = new Set<(error: Error) => void>()
  const interrupt = {
    signal: () => handlers.forEach((handler) => void handler('SIGINT')),
    'closed-output': () => outputGone.forEach((handler) => void handler(new Error('write EPIPE'))),
  }
  const output = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text
      if (name === 'out' && options.interruption) interrupt[options.interruption]()
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
    onOutputGone: (handler) => {
      outputGone.add(handler)
      return () => outputGone.delete(handler)
    },
    onLeftovers: () => () => {},
    exit: () => {},
  })
  return { exitCode, ...written }
}
