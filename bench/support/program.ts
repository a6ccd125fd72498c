import { fork } from 'node:child_process'
import { projectFile } from '../../deploy/local/programs/local-files.ts'
import { profileArguments } from '../profile/profile.ts'
import type { BenchContext } from './bench.ts'

/** A program of bench/programs in its own process. */
export interface Program {
  readonly pid: number
  tell(kind: string, body?: unknown): void
  /** The next message of that kind. Rejects when the program ends first, or when it takes too long. */
  hear<T>(kind: string, withinMs?: number): Promise<T>
  stop(): Promise<void>
}

export interface Message {
  readonly kind: string
  readonly body?: unknown
}

const PATIENCE_MS = 60_000

/** Starts a program and sends it its options. It ends with the bench, or on its own when this process has ended. */
export async function startProgram(
  name: string,
  options: object,
  { guard, scope }: Pick<BenchContext, 'guard' | 'scope'>,
): Promise<Program> {
  const child = fork(projectFile('dist', 'bench', 'bench', 'programs', `${name}.js`), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: profileArguments(),
  })
  const pid = child.pid ?? 0
  guard.watch(pid)
  const heard: Message[] = []
  const waiting = new Set<() => void>()
  const wakeAll = () => {
    for (const wake of waiting) wake()
  }
  child.on('message', (message: Message) => {
    heard.push(message)
    wakeAll()
  })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      guard.forget(pid)
      resolve()
      wakeAll()
    })
  })
  const take = (kind: string): Message | undefined => {
    const index = heard.findIndex((message) => message.kind === kind)
    return index < 0 ? undefined : heard.splice(index, 1)[0]
  }
  const program: Program = {
    pid,
    tell: (kind, body) => void child.send({ kind, body }),
    hear: <T>(kind: string, withinMs = PATIENCE_MS) =>
      new Promise<T>((resolve, reject) => {
        const done = (settle: () => void) => {
          clearTimeout(timer)
          waiting.delete(look)
          settle()
        }
        const timer = setTimeout(() => done(() => reject(new Error(`${name} did not say "${kind}" within ${withinMs} ms`))), withinMs)
        const look = () => {
          const found = take(kind)
          if (found) done(() => resolve(found.body as T))
          else if (child.exitCode !== null) done(() => reject(new Error(`${name} ended with ${child.exitCode} before it said "${kind}"`)))
        }
        waiting.add(look)
        look()
      }),
    async stop() {
      if (child.connected) child.disconnect()
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
      await ended
      clearTimeout(timer)
    },
  }
  scope.add(() => program.stop())
  program.tell('options', options)
  return program
}
