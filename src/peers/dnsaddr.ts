import { callWithDeadline } from '../lifecycle/time.ts'
import { parsePeerAddress } from './peer-address.ts'
import type { LookUpTexts } from './ports.ts'

/** A list may name other lists. */
const MAX_DEPTH = 3
const MAX_LOOKUPS = 20
const MAX_ADDRESSES = 100
/** A list in the list whose server is silent must not use up the time for the others. */
const INNER_LOOKUP_MS = 1500

/**
 * The addresses for which `/dnsaddr/<host>` stands: those that the TXT records of `_dnsaddr.<host>` give as `dnsaddr=<multiaddress>`.
 * With a peer id at its end only those of that peer. Only addresses with a peer id that this host can dial, without repeats, and
 * bounded in number (100) and in depth (3): `onCut` is called when there is more. Rejects if the first look-up does.
 */
export async function resolveDnsaddr(address: string, lookUp: LookUpTexts, signal: AbortSignal, onCut = () => {}): Promise<string[]> {
  const found = new Set<string>()
  let lookups = 0

  async function follow(list: string, depth: number): Promise<void> {
    const parsed = parsePeerAddress(list)
    if (parsed?.kind !== 'dnsaddr') return
    if (depth > MAX_DEPTH || lookups >= MAX_LOOKUPS) return onCut()
    lookups += 1
    const inner: string[] = []
    const entries = entriesOf(await textsOf(parsed.host, depth))
    if (entries.length > MAX_ADDRESSES) onCut()
    for (const entry of entries.slice(0, MAX_ADDRESSES)) {
      if (signal.aborted) return
      if (found.size >= MAX_ADDRESSES) return onCut()
      const { kind, peerId } = parsePeerAddress(entry) ?? {}
      const isOfPeer = parsed.peerId === null || peerId === parsed.peerId || (kind === 'dnsaddr' && peerId === null)
      if (!isOfPeer) continue
      if (kind === 'dnsaddr') inner.push(withPeerId(entry, peerId ?? parsed.peerId))
      else if (peerId) found.add(entry)
    }
    await Promise.all(inner.map((each) => follow(each, depth + 1)))
  }

  async function textsOf(host: string, depth: number): Promise<readonly string[]> {
    const name = `_dnsaddr.${host}`
    if (depth === 1) return lookUp(name, signal)
    const limit = { ms: INNER_LOOKUP_MS, what: `looking up ${name}`, signal }
    return callWithDeadline(limit, (limited) => lookUp(name, limited)).catch(() => []) // of several lists one may be away
  }

  await follow(address, 1)
  return [...found]
}

function entriesOf(texts: readonly string[]): string[] {
  return texts.flatMap((text) => /^dnsaddr=(\S+)$/.exec(text.trim())?.[1] ?? [])
}

function withPeerId(list: string, peerId: string | null): string {
  return peerId === null || list.includes('/p2p/') ? list : `${list}/p2p/${peerId}`
}
