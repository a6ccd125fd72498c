import { parsePeerAddress } from './peer-address.ts'
import type { LookUpTexts } from './ports.ts'

/** A list may name other lists. */
const MAX_DEPTH = 3
const MAX_LOOKUPS = 20
const MAX_ADDRESSES = 100

/**
 * The addresses for which `/dnsaddr/<host>` stands: those that the TXT records of `_dnsaddr.<host>` give as `dnsaddr=<multiaddress>`.
 * With a peer id at its end only those of that peer. Only addresses with a peer id that this host can dial, without repeats, and
 * bounded in number and in depth. Rejects if the first look-up does.
 */
export async function resolveDnsaddr(address: string, lookUp: LookUpTexts, signal: AbortSignal): Promise<string[]> {
  const found = new Set<string>()
  let lookups = 0

  async function follow(list: string, depth: number): Promise<void> {
    const parsed = parsePeerAddress(list)
    if (parsed?.kind !== 'dnsaddr' || depth > MAX_DEPTH || lookups >= MAX_LOOKUPS) return
    lookups += 1
    const texts = await lookUp(`_dnsaddr.${parsed.host}`, signal).catch((error: unknown) => {
      if (depth === 1) throw error
      return [] // of several lists one may be away
    })
    for (const entry of texts.flatMap((text) => /^dnsaddr=(\S+)$/.exec(text.trim())?.[1] ?? []).slice(0, MAX_ADDRESSES)) {
      if (signal.aborted || found.size >= MAX_ADDRESSES) return
      const { kind, peerId } = parsePeerAddress(entry) ?? {}
      const isOfPeer = parsed.peerId === null || peerId === parsed.peerId || (kind === 'dnsaddr' && peerId === null)
      if (!isOfPeer) continue
      if (kind === 'dnsaddr') await follow(withPeerId(entry, peerId ?? parsed.peerId), depth + 1)
      else if (peerId) found.add(entry)
    }
  }

  await follow(address, 1)
  return [...found]
}

function withPeerId(list: string, peerId: string | null): string {
  return peerId === null || list.includes('/p2p/') ? list : `${list}/p2p/${peerId}`
}
