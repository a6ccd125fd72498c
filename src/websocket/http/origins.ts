import { type HostPort, type ListenAddress, urlHost } from '../../addresses/host-port.ts'
import { parseIpAddress } from '../../addresses/ip-address.ts'
import { parseUrl } from '../../addresses/url.ts'

export interface OriginsOptions {
  /** `ws_allowed_origins`: origins, origins with `*.` before the host for all of its sub-domains, or `*` for every page. */
  readonly allowed: readonly string[]
  /** `p2p_httpAddress`: where clients reach this server, by either scheme. */
  readonly publicAddress: HostPort
  readonly listenAddress: ListenAddress
}

/** Beside these the names below `localhost`, which browsers do not look up (RFC 6761, 6.3). */
const LOCAL_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Which pages may open a WebSocket. Programs send no Origin header and are allowed: the check stops foreign pages from connecting
 * through a visitor's browser. The Host header alone is no proof, because a stranger's name can point to this server, but an address
 * in it is: a page from an address was served by this server if its address is the one asked for.
 */
export class Origins {
  readonly #exact: ReadonlySet<string>
  readonly #subDomains: readonly { readonly scheme: string; readonly suffix: string }[]
  readonly #isOpen: boolean

  constructor({ allowed, publicAddress, listenAddress }: OriginsOptions) {
    const own = [publicAddress, ...(listenAddress.host === null ? [] : [{ ...listenAddress, host: listenAddress.host }])]
    this.#exact = new Set([...allowed.map(withoutLastDot), ...own.flatMap((address) => originsOf(address))])
    this.#isOpen = allowed.includes('*')
    this.#subDomains = allowed.flatMap((entry) => {
      const [scheme = '', host = ''] = withoutLastDot(entry).split('://')
      return host.startsWith('*.') ? { scheme: `${scheme}:`, suffix: host.slice(1) } : []
    })
  }

  /** `origin` and `host` are the headers of the request; empty without one. */
  isAllowed(origin: string, host: string): boolean {
    if (origin === '' || this.#isOpen) return true
    const url = parseUrl(withoutLastDot(origin))
    if (!url) return false // for example `null`, the origin of sandboxed pages and files
    const { origin: canonical, protocol, host: originHost, hostname } = url
    if (protocol !== 'http:' && protocol !== 'https:') return false
    if (LOCAL_HOSTS.has(hostname) || hostname.endsWith('.localhost') || this.#exact.has(canonical)) return true
    if (this.#subDomains.some(({ scheme, suffix }) => scheme === protocol && originHost.endsWith(suffix))) return true
    return isAddress(hostname) && originHost === canonicalHost(host, protocol)
  }
}

/** `https://example.org.:8443` is of the same host as `https://example.org:8443`. */
function withoutLastDot(origin: string): string {
  return origin.replace(/\.(:\d+)?$/, '$1')
}

function originsOf({ host, port }: HostPort): string[] {
  return ['http', 'https'].flatMap((scheme) => {
    return parseUrl(withoutLastDot(`${scheme}://${urlHost(host)}${port === null ? '' : `:${port}`}`))?.origin ?? []
  })
}

function isAddress(hostname: string): boolean {
  return parseIpAddress(hostname.replace(/^\[(.*)\]$/, '$1')) !== undefined
}

/** The Host header in lower case without a default port, as URL writes it. */
function canonicalHost(host: string, protocol: string): string | null {
  return parseUrl(`${protocol}//${host}`)?.host ?? null
}
