import { lookup } from 'node:dns/promises'
import type { MultiaddrResolver } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { callWithDeadline } from '../../lifecycle/time.ts'
import { NameLookups } from './name-lookups.ts'

const timeoutMs = 5000
const never = new AbortController().signal
const families = new Map<string, 0 | 4 | 6>([
  ['dns', 0],
  ['dns4', 4],
  ['dns6', 6],
])

/**
 * Resolves DNS names in addresses before a dial. By default libp2p leaves this to the operating system: the connection then knows
 * only the name, and a ban of its address could not match.
 */
function createHostResolver(): MultiaddrResolver {
  const lookups = new NameLookups({ lookUp: (name, family) => lookup(name, { all: true, family }) })
  return {
    canResolve: (address) => nameIn(address) !== undefined,

    async resolve(address, options) {
      const part = nameIn(address)
      if (part?.value === undefined) return [address]
      const { name, value } = part
      const limit = { ms: timeoutMs, what: `resolving ${value}`, signal: options.signal ?? never }
      const found = await callWithDeadline(limit, (signal) => lookups.find(value, families.get(name) ?? 0, signal))
      const [before = '', after = ''] = address.toString().split(`/${name}/${value}`, 2)
      return found.map((ip) => multiaddr(`${before}/ip${ip.family}/${ip.address}${after}`))
    },
  }
}

export interface ResolversDeps {
  readonly onResolved: (address: string, results: readonly string[]) => void
  /** The addresses for which a `/dnsaddr/` address stands. */
  readonly resolveList: (address: string, signal: AbortSignal) => Promise<readonly string[]>
}

/**
 * The resolvers for all names in addresses. They report each result, so that an address of the settings may be dialled wherever it leads.
 * Each time another result is first: a dial ends before it has tried many hosts that drop all packets.
 */
export function createResolvers({ onResolved, resolveList }: ResolversDeps): Record<string, MultiaddrResolver> {
  let turn = 0
  const reporting = (resolver: MultiaddrResolver): MultiaddrResolver => ({
    canResolve: (address) => resolver.canResolve(address),
    async resolve(address, options) {
      const results = await resolver.resolve(address, options)
      onResolved(address.toString(), results.map(String))
      return rotated(results, turn++)
    },
  })
  const listResolver: MultiaddrResolver = {
    canResolve: (address) => address.getComponents().some(({ name }) => name === 'dnsaddr'),
    async resolve(address, options) {
      const limit = { ms: timeoutMs, what: `resolving ${address}`, signal: options.signal ?? never }
      return (await callWithDeadline(limit, (signal) => resolveList(address.toString(), signal))).map((text) => multiaddr(text))
    },
  }
  return { dnsaddr: reporting(listResolver), dns: reporting(createHostResolver()) }
}

function nameIn(address: Multiaddr) {
  return address.getComponents().find((part) => families.has(part.name))
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const from = list.length === 0 ? 0 : by % list.length
  return [...list.slice(from), ...list.slice(0, from)]
}
