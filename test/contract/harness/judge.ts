import type { StoredRecord } from './archive.ts'
import type { ClientView } from './live-client.ts'
import { expectedEventId } from './node-b/announcements.ts'
import type { SentMessage } from './node-b/publisher.ts'
import { withStateIds } from './node-b/states.ts'
import type { OwnNotification } from './own-notifications.ts'

/** All observations around one fault. */
export interface Evidence {
  readonly sent: readonly SentMessage[]
  /** The event log of node A, from its beginning. */
  readonly log: readonly StoredRecord[]
  /** `blocks` and `subtrees`, from their beginnings. */
  readonly derived: readonly StoredRecord[]
  /** One view for each WebSocket client, now and when the window began. */
  readonly clients: readonly { readonly now: ClientView; readonly before: ClientView }[]
  /** Notifications of node A's own services, and how often node B received each of them. */
  readonly own: { readonly bridgeId: string; readonly sent: readonly OwnNotification[]; readonly heard: ReadonlyMap<string, number> }
  /** Milliseconds since the epoch. Messages of the window are judged; `faultAt` is the time of the fault. */
  readonly window: { readonly from: number; readonly to: number; readonly faultAt: number }
}

/** The effects of one fault. */
export interface Figures {
  readonly sent: number
  /** Sent while no instance was connected, so nobody can have received them. */
  readonly unheard: number
  readonly inLog: number
  readonly inDerived: number
  readonly missingInLog: number
  readonly missingInDerived: number
  /** At the client that misses most. */
  readonly missingAtClients: number
  /** Second and later records of one event in the event log. */
  readonly copies: number
  readonly derivedRepeats: number
  readonly clientRepeats: number
  readonly clientRepeatsResumed: number
  readonly outOfOrder: number
  readonly clientGaps: number
  readonly logPauseMs: number
  readonly derivedPauseMs: number
  /** Longest pause of clients that kept their connection; of all clients, when none did. */
  readonly clientPauseMs: number
  readonly ownSent: number
  readonly ownMissingInLog: number
  readonly ownMissingAtPeer: number
  readonly ownRepeatsAtPeer: number
  /** From the fault to the arrival of the last message that took over a second to any station; 0 without one. */
  readonly recoveryMs: number
}

/** A message that takes longer than this to its last station was delayed. */
const HELD_UP_MS = 1000

/** Compares sent messages with arrived records. A pure function, so its test needs nothing else. */
export function judge({ log, derived, clients, own, window, ...evidence }: Evidence): Figures {
  const { from, to } = window
  const sent = withStateIds(evidence.sent, log)
  const inWindow = sent.filter(({ at }) => at >= from && at < to)
  const ids = new Set(sent.map(({ id }) => id))
  const inLog = firstArrivals(log.filter(({ key }) => ids.has(key)))
  const owed = inWindow.filter(({ recipients }) => recipients > 0)
  const inDerived = firstArrivals(derived)
  const logged = inWindow.filter(({ id }) => inLog.has(id))
  const toDerive = logged.filter(isDerived)
  const views = clients.map(({ now, before }) => differenceOf(now, before))
  return {
    sent: inWindow.length,
    unheard: inWindow.length - owed.length,
    inLog: logged.length,
    inDerived: toDerive.filter(({ hash }) => inDerived.has(hash)).length,
    missingInLog: owed.filter(({ id }) => !inLog.has(id)).length,
    missingInDerived: toDerive.filter(({ hash }) => !inDerived.has(hash)).length,
    missingAtClients: Math.max(0, ...clients.map(({ now }) => logged.filter(({ id }) => !now.arrivals.has(id)).length)),
    copies: repeatsOf(
      log.filter(({ key }) => ids.has(key)),
      window,
    ),
    derivedRepeats: repeatsOf(derived, window),
    clientRepeats: sum(views.map(({ repeatsLive }) => repeatsLive)),
    clientRepeatsResumed: sum(views.map(({ repeatsResumed }) => repeatsResumed)),
    outOfOrder: sum(views.map(({ outOfOrder }) => outOfOrder)),
    clientGaps: sum(views.map(({ gaps }) => gaps)),
    logPauseMs: longestPause([...inLog.values()], window),
    derivedPauseMs: longestPause([...inDerived.values()], window),
    clientPauseMs: clientPause(clients, window),
    ...judgeOwn(own, log, window),
    recoveryMs: recovery(inWindow, [inLog, ...clients.map(({ now }) => now.arrivals)], inDerived, window.faultAt),
  }
}

/** Compares the notifications of node A's own services with the event log and the peer. */
export function judgeOwn(
  { bridgeId, sent, heard }: Evidence['own'],
  log: readonly StoredRecord[],
  { from, to }: Pick<Evidence['window'], 'from' | 'to'>,
) {
  const inLog = new Set(log.map(({ key }) => key))
  const inWindow = sent.filter(({ at }) => at >= from && at < to)
  return {
    ownSent: inWindow.length,
    ownMissingInLog: inWindow.filter(({ hash }) => !inLog.has(expectedEventId('subtree', hash, bridgeId))).length,
    ownMissingAtPeer: inWindow.filter(({ hash }) => !heard.has(hash)).length,
    ownRepeatsAtPeer: sum(inWindow.map(({ hash }) => Math.max(0, (heard.get(hash) ?? 0) - 1))),
  }
}

/** Blocks and subtrees go to the validation services; the other kinds end in the event log. */
export function isDerived({ kind }: Pick<SentMessage, 'kind'>): boolean {
  return kind === 'block' || kind === 'subtree'
}

/** When the first record of each key was appended. */
export function firstArrivals(records: readonly StoredRecord[]): Map<string, number> {
  const first = new Map<string, number>()
  for (const { key, at } of records) if (!first.has(key)) first.set(key, at)
  return first
}

function repeatsOf(records: readonly StoredRecord[], { from, to }: { from: number; to: number }): number {
  const seen = new Set<string>()
  let repeats = 0
  for (const { key, at } of records) {
    if (seen.has(key) && at >= from && at < to) repeats++
    seen.add(key)
  }
  return repeats
}

/** The longest time without an arrival that overlaps the window. */
export function longestPause(times: readonly number[], { from, to }: { from: number; to: number }): number {
  const sorted = [...times].sort((one, other) => one - other)
  return sorted.reduce((longest, time, index) => {
    const before = sorted[index - 1]
    if (before === undefined || time <= from || before >= to) return longest
    return Math.max(longest, time - before)
  }, 0)
}

function clientPause(clients: Evidence['clients'], window: Evidence['window']): number {
  const steady = clients.filter(({ now, before }) => now.connections === before.connections)
  const pauses = (steady.length > 0 ? steady : clients).map(({ now }) => longestPause([...now.arrivals.values()], window))
  return Math.max(0, ...pauses)
}

function recovery(
  messages: readonly SentMessage[],
  byId: readonly ReadonlyMap<string, number>[],
  derived: ReadonlyMap<string, number>,
  faultAt: number,
) {
  let last = 0
  for (const { id, hash, at } of messages) {
    for (const arrived of [...byId.map((arrivals) => arrivals.get(id)), derived.get(hash)]) {
      if (arrived !== undefined && arrived - at > HELD_UP_MS) last = Math.max(last, arrived - faultAt)
    }
  }
  return last
}

function differenceOf(now: ClientView, before: ClientView) {
  return {
    repeatsLive: now.repeatsLive - before.repeatsLive,
    repeatsResumed: now.repeatsResumed - before.repeatsResumed,
    outOfOrder: now.outOfOrder - before.outOfOrder,
    gaps: now.gaps.length - before.gaps.length,
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
