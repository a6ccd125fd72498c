import { setTimeout as pause } from 'node:timers/promises'
import { announce, openPage } from './announce.ts'
import type { DemoOptions } from './options.ts'
import type { Reporter } from './report/reporter.ts'
import { arrowText, type Snapshot } from './report/table.ts'
import type { Cleanup } from './stack/cleanup.ts'
import { type Killer, startKiller } from './stack/killer.ts'
import { isListening } from './stack/listening.ts'
import { startSimulator } from './stack/simulator.ts'
import { type Stack, startStack } from './stack/stack.ts'
import { type ArrowRow, Ledger, type Missing, NODES } from './watch/ledger.ts'
import { type Observers, observe } from './watch/observe.ts'

export interface RunDeps {
  readonly reporter: Reporter
  readonly cleanup: Cleanup
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  readonly isTerminal: boolean
  readonly onLog: (bridge: string, line: string) => void
  /** Called when everything is up and the addresses are shown. */
  readonly onRunning: () => void
}

/** The result of a run. */
export interface Findings {
  readonly faults: readonly string[]
  readonly snapshot: Snapshot
}

const PROGRESS_EVERY_MS = 500
/** Bridges that waited for each other or were killed need some time to catch up. */
const ARRIVAL_DEADLINE_MS = 60_000
/** Long enough for a repeat that follows the last arrival. */
const AFTERMATH_MS = 500
const LISTED = 10

/** Starts everything and lets it run. Resolves at the signal, or after the time is up: when all has arrived, or at the deadline. */
export async function runDemo(options: DemoOptions, deps: RunDeps): Promise<Findings> {
  const { reporter, cleanup, signal } = deps
  const stack = await startStack(options, deps)
  const ledger = new Ledger()
  const faults: string[] = []
  const onFault = (sentence: string) => void (faults.length < LISTED && faults.push(sentence))
  const observers = await reporter.step('connect readers and browsers', () => observe(stack, { ledger, cleanup, signal, onFault }))
  announce(stack, options, { reporter })
  deps.onRunning()
  if (options.isOpening && deps.isTerminal) openPage(`http://127.0.0.1:${stack.nodes.B.bridges[0]?.httpPort}/`)

  const startedAt = performance.now()
  let elapsedMs: number | undefined
  const snapshot = (): Snapshot => {
    const now = Date.now()
    ledger.forget(now)
    const notes = notesOf(stack, observers)
    return { elapsedMs: elapsedMs ?? performance.now() - startedAt, produced: ledger.produced, rows: ledger.rows(now), notes }
  }
  const timer = setInterval(() => reporter.progress(snapshot()), PROGRESS_EVERY_MS)
  const killer = startKilling(stack, options, { reporter })
  try {
    const { ended } = startSimulator(
      { ...stack, seed: options.seed, forSeconds: options.forSeconds },
      { ledger, cleanup, guard: stack.guard },
    )
    const fault = await Promise.race([ended, aborted(signal)])
    elapsedMs = performance.now() - startedAt
    killer?.stop()
    if (!signal.aborted && fault === undefined) await arrival(ledger, observers, signal)
    const isJudged = !signal.aborted || options.forSeconds !== undefined
    return { faults: [...(fault ? [fault] : []), ...faults, ...(isJudged ? faultsOf(ledger, observers) : [])], snapshot: snapshot() }
  } finally {
    clearInterval(timer)
    killer?.stop()
  }
}

function startKilling(
  { nodes, bridges }: Stack,
  { killEverySeconds, seed }: DemoOptions,
  { reporter }: { reporter: Reporter },
): Killer | undefined {
  if (killEverySeconds === undefined) return undefined
  const victims = bridges.filter(({ bridge }) => nodes.A.bridges.includes(bridge))
  return startKiller({ everyMs: killEverySeconds * 1000, seed }, { victims, reporter, isListening: (victim) => isListening(victim.bridge) })
}

/** Resolves when everything has arrived, or at the deadline. */
async function arrival(ledger: Ledger, observers: Observers, signal: AbortSignal): Promise<void> {
  const until = performance.now() + ARRIVAL_DEADLINE_MS
  const isMissing = () => ledger.missing().some((one) => relevant(one, observers).length > 0)
  while (isMissing() && performance.now() < until && !signal.aborted) {
    await pause(50, undefined, { signal }).catch(() => {})
  }
  await pause(AFTERMATH_MS, undefined, { signal }).catch(() => {})
}

/** The faults of the run: arrows that never moved, and missing arrivals. */
function faultsOf(ledger: Ledger, observers: Observers): string[] {
  const still = ledger.rows(Date.now()).filter(({ count }) => count === 0)
  const missing = ledger.missing().flatMap((one) => relevant(one, observers))
  const listed = missing.slice(0, LISTED).map(missingText)
  const more = missing.length - listed.length
  return [
    ...still.map(({ arrow, to }: ArrowRow) => `nothing moved: ${arrowText(arrow, to)}`),
    ...listed,
    ...(more > 0 ? [`and ${more} more are missing somewhere`] : []),
  ]
}

/** Teranode's objects cannot be resumed: arrivals that a client missed while its bridge was down are no fault. */
function relevant(missing: Missing, { teranodeClients }: Observers): Missing[] {
  const at = missing.at.filter(({ station, node }) => station !== 'teranode' || teranodeClients[node].reconnects() === 0)
  return at.length > 0 ? [{ ...missing, at }] : []
}

function missingText({ from, kind, hash, at }: Missing): string {
  const places: Record<string, string> = {
    log: 'in the log',
    validation: 'in blocks or subtrees',
    browser: 'at the browser',
    teranode: "among Teranode's objects",
  }
  return `missing: ${kind} ${hash} of node ${from}, ${at.map(({ station, node }) => `${places[station]} of ${node}`).join(', ')}`
}

function notesOf({ bridges }: Stack, { browsers, teranodeClients }: Observers): string[] {
  const reconnects = NODES.reduce((sum, name) => sum + browsers[name].reconnects() + teranodeClients[name].reconnects(), 0)
  const perBridge = bridges.flatMap((supervisor) => {
    const { warnings, errors } = supervisor.complaints()
    const words = [...counted(supervisor.restarts(), 'restart'), ...counted(warnings, 'warning'), ...counted(errors, 'error')]
    return words.length > 0 ? [`${supervisor.bridge.name}: ${words.join(', ')}`] : []
  })
  return [...perBridge, ...counted(reconnects, 'reconnect').map((reconnected) => `browsers: ${reconnected}`)]
}

/** Nothing for none. */
function counted(count: number, noun: string): string[] {
  return count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}`]
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
