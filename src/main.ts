#!/usr/bin/env node
import './lifecycle/promise-with-resolvers.ts'
import { readFileSync } from 'node:fs'
import { runProgram } from './cli/program.ts'
import { limitHeapGrowth } from './lifecycle/heap-growth.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGUSR2'] as const
const LAST_WORDS_MS = 1000

limitHeapGrowth()

// `gossip-bridge tail | head`: whoever reads has had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await runProgram(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  nodeVersion: process.version,
  readFile: (path) => readFileSync(path, 'utf8'),
  readInput: () => readFileSync(0, 'utf8'),
  onSignal: (handler) => subscribe(SIGNALS, handler),
  onCrash: (handler) => subscribe(['uncaughtException', 'unhandledRejection'], (reason) => handler(toError(reason))),
  exit: (code) => process.exit(code),
})

// A command that has ended leaves nothing open. Should a library do so, the process says it and ends all the same.
setTimeout(() => {
  const open = process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap' && kind !== 'TTYWrap') // the standard streams
  process.stderr.write(`still open after the end: ${open.join(', ')}\n`)
  process.exit()
}, LAST_WORDS_MS).unref()

function subscribe<Argument>(events: readonly string[], handler: (argument: Argument) => void): () => void {
  for (const event of events) process.on(event, handler)
  return () => {
    for (const event of events) process.off(event, handler)
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(`rejected with ${String(reason)}`)
}
