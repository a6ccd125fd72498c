import { lookup } from 'node:dns/promises'
import type { MultiaddrResolver } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { deadline } from './wait.ts'

const timeoutMs = 5000
const families: Record<string, 0 | 4 | 6> = { dns: 0, dns4: 4, dns6: 6 }

/**
 * Turns DNS names in addresses into IP addresses before a dial. Left alone, libp2p gives the name to the operating system
 * and the connection knows only the name, so a ban of an address could not match it.
 */
export const dnsResolver: MultiaddrResolver = {
  canResolve: (address) => nameIn(address) !== undefined,

  async resolve(address, options) {
    const part = nameIn(address)
    if (part?.value === undefined) return [address]
    const found = await beforeDeadline(lookup(part.value, { all: true, family: families[part.name] ?? 0 }), options.signal)
    const [before = '', after = ''] = address.toString().split(`/${part.name}/${part.value}`, 2)
    return found.map((ip) => multiaddr(`${before}/ip${ip.family}/${ip.address}${after}`))
  },
}

function nameIn(address: Multiaddr) {
  return address.getComponents().find((part) => part.name in families)
}

/** The system's resolver cannot be called off, but nobody has to wait for it. */
async function beforeDeadline<T>(call: Promise<T>, stopped: AbortSignal | undefined): Promise<T> {
  const signal = deadline(timeoutMs, stopped ?? new AbortController().signal)
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(new Error('the DNS lookup took too long', { cause: signal.reason }))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([call, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
