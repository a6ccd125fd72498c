import { type IpAddress, parseIpAddress, rangeOf } from '../../addresses/ip-address.ts'
import { parseUrl } from '../../addresses/url.ts'
import { hasControlCharacter } from './field-rules.ts'
import { isPublicAddress } from './public-address.ts'
import { RefusedError } from './refusal.ts'

export interface UrlRules {
  /** For test networks: addresses of private networks and names without a dot are allowed. */
  readonly allowPrivateUrls: boolean
  /** Whether a name without a dot counts as public. Default: no. */
  readonly allowsSingleLabels?: boolean
  /** `subtreevalidation_blacklisted_baseurls`, each as `hostOfBaseUrl` gives it. */
  readonly blacklistedHosts?: ReadonlySet<string>
}

export const MAX_URL_LENGTH = 2048

const PLAIN_URL = /^https?:\/\/([^/?#\\@\s]+)([/?#][^\\\s]*)?$/i
/** A name in lower case whose last label begins with a letter: no parser takes it for an address. */
const PLAIN_NAME = /^https?:\/\/((?:[a-z0-9_-]+\.)*[a-z][a-z0-9_-]*)(?::\d{1,4})?(?:[/?#]|$)/
/** Its parts have to be decoded and checked. */
const PUNYCODE = 'xn--'
/** WHATWG's parser takes other characters too, such as the braces of a placeholder. Go's refuses them. */
const PLAIN_HOST = /^[a-z0-9_-][a-z0-9._-]*$/
/** Go refuses a URL with one, the standard's parser leaves it as it is. */
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})/i
/** Names that never lead into the public network, whatever a resolver says. */
const HTTP_WITH_HOST = /^https?:\/\/[^/?#]/i
const LOCALHOST = /(^|\.)localhost$/
/** The ranges in which Teranode refuses an address too. */
const PRIVATE_RANGES = new Set(['loopback', 'private', 'uniqueLocal', 'linkLocal'])
const PRIVATE_NAMES = /(^|\.)(localhost|local|internal|localdomain|home\.arpa|onion)$/

/**
 * Refuses a foreign URL that must not be fetched from inside the own network. For names this is not enough to fetch safely:
 * they are not resolved here, so the fetcher has to check the address that it connects to.
 */
export function checkUrl(text: string, { allowPrivateUrls, allowsSingleLabels = false, blacklistedHosts }: UrlRules): void {
  const host = parsedHost(text)
  if (blacklistedHosts?.has(bareHost(host))) {
    throw new RefusedError('url-blacklisted', 'the URL leads to a host of subtreevalidation_blacklisted_baseurls')
  }
  if (allowPrivateUrls) return
  const address = hostAddress(host)
  if (address ? !isPublicAddress(address) : !isPublicName(host, allowsSingleLabels)) {
    const reason = isPrivateForAll(host, address) ? 'url-private' : 'url-unclear'
    throw new RefusedError(reason, 'the URL leads into a private network or to a name without a domain')
  }
}

/** The host of a URL, or of text that is a host alone, as it is compared: in lower case, without dots at its end. */
export function hostOfBaseUrl(text: string): string | undefined {
  const url = text.includes('://') ? text : `http://${text}`
  return bareHost(parseUrl(url)?.hostname ?? '') || undefined
}

function bareHost(hostname: string): string {
  return hostname.toLowerCase().replace(/\.+$/, '')
}

/** Whether Teranode refuses this host too. It knows fewer ranges and names, and a node is not blamed for what its own software takes. */
function isPrivateForAll(host: string, address: IpAddress | undefined): boolean {
  if (!address) return LOCALHOST.test(bareHost(host))
  return PRIVATE_RANGES.has(rangeOf(address)) || address.words.every((word) => word === 0)
}

/** Whether the host of a URL is a name, which the fetcher has to resolve and check, or an address. Undefined if the text is not a URL. */
export function urlHostKind(text: string): 'name' | 'ip' | undefined {
  if (plainName(text) !== undefined) return 'name'
  const url = parseUrl(text)
  return url && (hostAddress(url.hostname) ? 'ip' : 'name')
}

/**
 * Accepts only URLs that every parser reads alike: the host as written has to equal the host that the standard's parser
 * finds. That refuses escapes, wide digits, and octal, hexadecimal, short or plain-number addresses as a class.
 */
function parsedHost(text: string): string {
  if (text.length > MAX_URL_LENGTH) throw new RefusedError('url', `the URL has ${text.length} characters, ${MAX_URL_LENGTH} are allowed`)
  if (hasControlCharacter(text)) throw new RefusedError('control-character', 'the URL has control characters')
  const written = PLAIN_URL.exec(text)?.[1]
  if (written === undefined || BROKEN_ESCAPE.test(text)) throw badUrl(text)
  const name = plainName(text)
  if (name !== undefined) return name
  const { hostname, username, password } = parseUrl(text) ?? {}
  if (hostname === undefined || username || password) throw badUrl(text)
  if (hostname.startsWith('[')) return hostname
  if (!PLAIN_HOST.test(hostname) || written.toLowerCase().replace(/:\d*$/, '') !== hostname) throw badUrl(text)
  return hostname
}

/**
 * The host of a URL, if it is a name that is the same for the standard's parser: nearly all are. To parse URLs took 7 of
 * the 20 us that the fields and the JSON of an announcement cost, since each is looked at three times.
 */
function plainName(text: string): string | undefined {
  const name = PLAIN_NAME.exec(text)?.[1]
  return name?.includes(PUNYCODE) ? undefined : name
}

/** `url` without a scheme or a host, which all nodes refuse; `url-unclear` for what only we do. */
function badUrl(text: string): RefusedError {
  const reason = HTTP_WITH_HOST.test(text) ? 'url-unclear' : 'url'
  return new RefusedError(reason, 'the URL has to be http or https with a plainly written host, no credentials and no broken escape')
}

/** The standard's parser has put the host into one form: IPv6 in brackets, IPv4 in four decimal parts. */
function hostAddress(hostname: string): IpAddress | undefined {
  return parseIpAddress(hostname.startsWith('[') ? hostname.slice(1, -1) : hostname)
}

function isPublicName(hostname: string, allowsSingleLabels: boolean): boolean {
  const name = hostname.replace(/\.+$/, '')
  return (allowsSingleLabels || name.includes('.')) && !PRIVATE_NAMES.test(name)
}
