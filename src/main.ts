#!/usr/bin/env node
import './lifecycle/promise-with-resolvers.ts'
import { readFileSync, writeSync } from 'node:fs'
import { runProgram } from './cli/program.ts'
import { limitHeap } from './lifecycle/heap/limit-heap.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const
const LAST_WORDS_MS = 1000

limitHeap()
// Of a request to the browsers' port, so that the cookies of a single sign-on pass. uWebSockets.js reads it when it is loaded.
process.env.UWS_HTTP_MAX_HEADERS_SIZE ??= '16384'

const outputGone = new Set<(error: Error) => void>()
const leftovers = new Set<(kinds: readonly string[]) => void>()

// `gossip-bridge tail | head`: the reader has closed the pipe. A command that does more than print registers a handler.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (outputGone.size === 0) {
    if (error.code === 'EPIPE') process.exit(0)
    writeSync(2, `Standard output cannot be written (${error.message}): what this command printed is not complete.\n`)
    process.exit(1)
  }
  for (const handler of outputGone) handler(error)
})
process.stderr.on('error', () => {}) // no reader is left

process.exitCode = await runProgram(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  nodeVersion: process.version,
  readFile: (path) => readFileSync(path, 'utf8'),
  readInput: () => readFileSync(0, 'utf8'),
  onSignal: (handler) => subscribe(SIGNALS, handler),
  onCrash: (handler) => subscribe(['uncaughtException', 'unhandledRejection'], (reason) => handler(toError(reason))),
  onWarning: (handler) => {
    process.removeAllListeners('warning') // the default handler prints them as plain text
    return subscribe(['warning'], handler)
  },
  onOutputGone: (handler) => enter(outputGone, handler),
  onLeftovers: (handler) => enter(leftovers, handler),
  exit: (code) => process.exit(code),
})

endSoon()

/** A command must leave nothing open when it ends. If a library does, the process reports it and ends anyway. */
function endSoon(): void {
  setTimeout(() => {
    // `gossip-bridge tail | less`: whoever reads the pipe takes his time, and is to have it all. The service does not wait for that.
    if (leftovers.size === 0 && process.stdout.writableLength > 0) endSoon()
    else endNow()
  }, LAST_WORDS_MS).unref()
}

function endNow(): void {
  const kinds = process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap' && kind !== 'TTYWrap') // the standard streams
  if (leftovers.size === 0) process.stderr.write(`still open after the end: ${kinds.join(', ')}\n`)
  for (const handler of leftovers) handler(kinds)
  process.exit()
}

function enter<Handler>(handlers: Set<Handler>, handler: Handler): () => void {
  handlers.add(handler)
  return () => void handlers.delete(handler)
}

function subscribe<Argument>(events: readonly string[], handler: (argument: Argument) => void): () => void {
  for (const event of events) process.on(event, handler)
  return () => {
    for (const event of events) process.off(event, handler)
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(`rejected with ${String(reason)}`)
}
