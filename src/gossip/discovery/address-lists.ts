import type { Logger } from 'pino'
import { callWithDeadline, createBackOff, sleep } from '../../lifecycle/time.ts'
import type { AddressLists } from '../../peers/ports.ts'

const REFRESH_MS = 300_000
const FIRST_RETRY_MS = 5000

export interface AddressListsOptions {
  readonly timeoutMs: number
  readonly refreshMs?: number
}

export interface AddressListsDeps {
  readonly lists: AddressLists
  /** The addresses of a list. Calls `onCut` when the list is longer than what it returns. */
  readonly resolve: (address: string, signal: AbortSignal, onCut: () => void) => Promise<readonly string[]>
  /** Peers were named that were not known. */
  readonly onNew: () => void
  /** Calls the listener when the settings may name other lists. Returns the unsubscribe function. */
  readonly onChange: (listener: () => void) => () => void
  readonly log: Logger
}

/** Resolves the lists of peers that the settings name (`/dnsaddr/<host>`) until the signal aborts: again and again, since lists change. */
export async function followAddressLists(
  { timeoutMs, refreshMs = REFRESH_MS }: AddressListsOptions,
  { lists, resolve, onNew, onChange, log }: AddressListsDeps,
  stopped: AbortSignal,
): Promise<void> {
  async function follow(address: string, ended: AbortSignal): Promise<void> {
    const backOff = createBackOff(FIRST_RETRY_MS, refreshMs)
    let isReported = false
    let isCutReported = false
    const onCut = () => {
      if (!isCutReported) log.warn({ address }, TOO_LONG)
      isCutReported = true
    }
    while (!ended.aborted) {
      const fault = await once(address, ended, onCut)
      if (ended.aborted) return
      log[fault !== undefined && !isReported ? 'warn' : 'debug']({ address, reason: fault }, fault ? UNUSABLE : 'list of peers resolved')
      isReported = fault !== undefined
      if (fault === undefined) backOff.reset()
      await sleep(fault === undefined ? refreshMs : backOff.next(), ended)
    }
  }

  /** Returns what is wrong with the list. */
  async function once(address: string, ended: AbortSignal, onCut: () => void): Promise<string | undefined> {
    try {
      const found = await callWithDeadline({ ms: timeoutMs, what: `resolving ${address}`, signal: ended }, (signal) =>
        resolve(address, signal, onCut),
      )
      const { peers, isNew } = lists.resolved(address, found)
      if (isNew) onNew()
      return peers > 0 ? undefined : 'it names no peer that can be dialled'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  const following = new Map<string, { readonly end: AbortController; readonly done: Promise<void> }>()
  function update(): void {
    const wanted = stopped.aborted ? [] : lists.addresses
    for (const [address, { end }] of following) if (!wanted.includes(address)) end.abort()
    for (const address of wanted) {
      if (following.has(address)) continue
      const end = new AbortController()
      const done = follow(address, end.signal).finally(() => {
        following.delete(address)
        update() // taken out of the settings, and put back meanwhile
      })
      following.set(address, { end, done })
    }
  }

  const unsubscribe = onChange(update)
  update()
  if (!stopped.aborted) await new Promise((resolve) => stopped.addEventListener('abort', resolve, { once: true }))
  unsubscribe()
  update()
  await Promise.all([...following.values()].map(({ done }) => done))
}

const TOO_LONG = 'a list of peers of the settings is longer than what is read of it: 100 addresses, from at most 20 lists'
const UNUSABLE = 'a list of peers of the settings gives no peer: check its TXT records; it is tried again until it works'
