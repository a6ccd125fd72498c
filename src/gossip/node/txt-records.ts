import { Resolver } from 'node:dns/promises'
import type { LookUpTexts } from '../../peers/ports.ts'

export interface TxtRecordsOptions {
  /** Address and port of the DNS servers; those of the system by default. */
  readonly servers?: readonly string[]
  /** Time for one attempt at one server. */
  readonly timeoutMs?: number
}

/** Looks up TXT records. The signal ends the look-up. */
export function createTxtLookUp({ servers, timeoutMs = 2000 }: TxtRecordsOptions = {}): LookUpTexts {
  return async (name, signal) => {
    signal.throwIfAborted()
    const resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
    if (servers) resolver.setServers(servers)
    const cancel = () => resolver.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''))
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}
