import { setTimeout as pause } from 'node:timers/promises'
import { granted } from '../../support/granted.ts'
import type { Bar, Fault } from './fault.ts'
import { type Evidence, type Figures, firstArrivals, isDerived, judge, judgeOwn } from './judge.ts'
import { isState } from './node-b/announcements.ts'
import type { SentMessage } from './node-b/publisher.ts'
import { withStateIds } from './node-b/states.ts'
import type { World } from './world.ts'

export interface FaultReport {
  readonly fault: string
  readonly figures: Figures
  readonly residentMegabytes: number
  /** Why the bar was not met; empty when it was. */
  readonly failures: readonly string[]
}

export interface RunOptions {
  /** How long missing messages may take to arrive after everything is healthy again. */
  readonly arrivalMs?: number
  /** A machine that has much else to do: pauses may be longer, and with them there are more copies. By default the bars are as they are. */
  readonly isBusy?: boolean
}

const CALM_MS = 2000
const ARRIVAL_MS = 45_000
/** Long enough for a copy or a repeat that follows the last arrival. */
const AFTERMATH_MS = 1500
const CHUNK_RECORDS = 200

/** Injects one fault into a healthy world, waits until all messages have arrived or the deadline, and judges the time of the fault. */
export async function runFault(fault: Fault, world: World, options: RunOptions = {}): Promise<FaultReport> {
  const { bar } = fault
  const inject = await fault.prepare(world)
  // Spread over the instances, so that whichever instance is broken, some browsers use another.
  await Promise.all(world.clients.map((client) => client.goHome()))
  const from = Date.now()
  const before = world.clients.map((client) => client.view())
  const endsBefore = unwantedEnds(world)
  await pause(CALM_MS)
  const faultAt = Date.now()
  const notes = (await inject()) ?? []
  await Promise.all([world.untilWhole(), world.brokers.untilInSync()])
  await world.primary()
  const to = Date.now()
  await arrival(world, { from, to, isLogLost: bar.isLogLost ?? false, withinMs: options.arrivalMs ?? ARRIVAL_MS })
  await pause(AFTERMATH_MS)
  await world.archive.catchUp()

  const figures = judge({
    sent: world.publisher.sent,
    log: world.archive.records(world.topic('p2p-events')),
    derived: derivedOf(world),
    clients: world.clients.map((client, index) => ({ now: client.view(), before: before[index] ?? client.view() })),
    own: ownEvidence(world),
    window: { from, to, faultAt },
  })
  const ends = unwantedEnds(world) - endsBefore
  const failures = [
    ...failuresOf(figures, options.isBusy ? widened(bar) : bar),
    ...notes,
    ...(ends > 0 ? [`${ends} instances ended by themselves`] : []),
  ]
  return { fault: fault.name, figures, failures, residentMegabytes: Math.max(...world.instances.map((one) => one.residentMegabytes())) }
}

/** Nothing may be lost or shown twice on a busy machine either. */
function widened({ logPauseMs, derivedPauseMs, copies, ...bar }: Bar): Bar {
  return {
    ...bar,
    ...(logPauseMs !== undefined && { logPauseMs: granted(logPauseMs) }),
    ...(derivedPauseMs !== undefined && { derivedPauseMs: granted(derivedPauseMs) }),
    ...(copies !== undefined && { copies: granted(copies) }),
  }
}

/** The figures of a run that do not meet the bar. */
export function failuresOf(figures: Figures, bar: Bar): string[] {
  const limits: [what: string, figure: number, limit: number | undefined][] = [
    ['missing in the log', figures.missingInLog, bar.lossBecause ? undefined : 0],
    ['missing in blocks and subtrees', figures.missingInDerived, bar.isLogLost ? undefined : 0],
    ['missing at a browser', figures.missingAtClients, bar.isLogLost ? undefined : 0],
    ['own announcements missing in the log', figures.ownMissingInLog, bar.isLogLost ? undefined : 0],
    ['own announcements missing at the peer', figures.ownMissingAtPeer, bar.lossBecause ? undefined : 0],
    ['repeats to a live browser', figures.clientRepeats, bar.isLogLost ? undefined : 0],
    ['out of order at a browser', figures.outOfOrder, 0],
    ['gaps told to browsers', figures.clientGaps, bar.isLogLost ? undefined : 0],
    ['copies in the log', figures.copies, bar.copies],
    ['repeats in blocks and subtrees', figures.derivedRepeats, bar.takeOvers * CHUNK_RECORDS],
    ['ms of pause of the log', figures.logPauseMs, bar.logPauseMs],
    ['ms of pause of blocks and subtrees', figures.derivedPauseMs, bar.derivedPauseMs],
    ['ms of pause of the browsers', figures.clientPauseMs, bar.logPauseMs],
  ]
  return limits.flatMap(([what, figure, limit]) =>
    limit !== undefined && figure > limit ? [`${figure} ${what}, at most ${limit} allowed`] : [],
  )
}

/** Resolves when all messages of the window have arrived everywhere, or at the deadline. */
async function arrival(
  world: World,
  { from, to, isLogLost, withinMs }: { from: number; to: number; isLogLost: boolean; withinMs: number },
): Promise<void> {
  const until = performance.now() + withinMs
  const isOwed = ({ at, recipients }: SentMessage) => at >= from && at < to && recipients > 0
  const areAtClients = (owed: readonly SentMessage[]) => {
    return world.clients.every((client) => owed.every(({ id }) => client.view().arrivals.has(id)))
  }
  const isEverywhere = async () => {
    if (!areAtClients(world.publisher.sent.filter((message) => isOwed(message) && !isState(message.kind)))) return false
    if (world.own.sent.some(({ hash, at }) => at >= from && at < to && !world.publisher.heard.has(hash))) return false
    await world.archive.catchUp()
    const log = world.archive.records(world.topic('p2p-events'))
    if (!isLogLost && judgeOwn(ownEvidence(world), log, { from, to }).ownMissingInLog > 0) return false
    const owed = withStateIds(world.publisher.sent, log).filter(isOwed)
    const derived = firstArrivals(derivedOf(world))
    return areAtClients(owed) && owed.every((message) => !isDerived(message) || derived.has(message.hash))
  }
  while (!(await isEverywhere()) && performance.now() < until) await pause(500)
}

function ownEvidence({ bridgeId, own, publisher }: World): Evidence['own'] {
  return { bridgeId, sent: own.sent, heard: publisher.heard }
}

function derivedOf({ archive, topic }: World) {
  return [...archive.records(topic('blocks')), ...archive.records(topic('subtrees'))]
}

function unwantedEnds({ instances }: World): number {
  return instances.reduce((total, instance) => total + instance.unwantedEnds(), 0)
}
