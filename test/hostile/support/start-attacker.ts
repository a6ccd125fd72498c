import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import ts from 'typescript'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'

const BUILT = projectFile('dist', 'hostile')
const SOURCES = 'test/hostile/attacker'
const BESIDES = ['src/lifecycle/promise-with-resolvers.ts']

/** Makes JavaScript of the attacker, because Node 20 does not run TypeScript. Types are checked with those of the tests. */
export function buildAttacker(): void {
  const files = [...readdirSync(projectFile(SOURCES)).map((name) => join(SOURCES, name)), ...BESIDES]
  for (const file of files) {
    const { outputText } = ts.transpileModule(readFileSync(projectFile(file), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, rewriteRelativeImportExtensions: true },
    })
    const target = join(BUILT, file.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, outputText)
  }
}

export interface AttackerOptions {
  readonly attack: string
  readonly target: string
  readonly honest: string
  readonly topics: Readonly<Record<string, string>>
  readonly localAddress: string
}

export interface Attacker {
  peerIds(): string[]
  /** Ends the attack; what it counted. */
  stop(): Promise<Record<string, number>>
}

/** An attacker in a process of its own, so that its work does not count as ours. */
export async function startAttacker(options: AttackerOptions): Promise<Attacker> {
  const child = spawn(process.execPath, [join(BUILT, SOURCES, 'main.js'), JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'pipe'] })
  const events: { event: string; peerId?: string; counts?: Record<string, number> }[] = []
  let errors = ''
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-3000)
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  onEnd(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const has = (name: string) => events.some(({ event }) => event === name)
  await eventually(() => has('begun') || Promise.reject(new Error(errors)), { timeoutMs: 20_000 })
  return {
    peerIds: () => events.flatMap(({ peerId }) => peerId ?? []),
    async stop() {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000)
      await ended
      clearTimeout(timer)
      if (errors) console.error(errors)
      return events.findLast(({ event }) => event === 'counts')?.counts ?? {}
    },
  }
}
