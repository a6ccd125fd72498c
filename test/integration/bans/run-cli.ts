import { runProgram } from '../../../src/cli/program.ts'

export interface CliRun {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

/** One command line of the program, in this process, with the environment as its only settings. */
export async function runCli(words: string[], environment: Record<string, string>, input = ''): Promise<CliRun> {
  const written = { out: '', err: '' }
  const output = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text
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
    readInput: () => input,
    onSignal: () => () => {},
    onCrash: () => () => {},
    exit: () => {},
  })
  return { exitCode, ...written }
}
