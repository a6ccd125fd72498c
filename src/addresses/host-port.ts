import { isIP, isIPv4 } from 'node:net'

/** An address of a service. A null port is filled in by the reader that knows the default. */
export interface HostPort {
  readonly host: string
  readonly port: number | null
}

/** An address to listen on. A null host is every interface. */
export interface ListenAddress {
  readonly host: string | null
  readonly port: number
}

const HOST_NAME = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i

/**
 * `host` or `host:port`, where the host is a DNS name, an IPv4 address, or an IPv6 address: bare without a port, in brackets with or
 * without one. Brackets are not part of the host. Undefined for all other text.
 */
export function parseHostPort(text: string): HostPort | undefined {
  if (isBareAddress(text)) return { host: text, port: null }
  const [, bracketed, name, portText] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(.*))?$/.exec(text) ?? []
  const port = portText === undefined ? null : parsePort(portText)
  if (port === undefined) return undefined
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : undefined
  return name !== undefined && isHost(name) ? { host: name, port } : undefined
}

/** `host:port`, or `host` without a port. An IPv6 address is in brackets if a port follows. */
export function formatHostPort({ host, port }: HostPort): string {
  return port === null ? host : `${urlHost(host)}:${port}`
}

/** A listen address as Go writes it: `:9906`, `127.0.0.1:9906`, `[::1]:9906`. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return `${host === null ? '' : urlHost(host)}:${port}`
}

/** A host as URLs write it: IPv6 in brackets. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/**
 * A URL whose host is an IPv6 address without brackets, with brackets; all other text as it is. Without brackets no port can follow:
 * its digits would belong to the address.
 */
export function bracketIpv6(url: string): string {
  const [, before, host, after] = /^([a-z][a-z0-9+.-]*:\/\/(?:[^@/?#]*@)?)([0-9a-f:.]+)([/?#].*)?$/is.exec(url) ?? []
  return host !== undefined && isIP(host) === 6 ? `${before}[${host}]${after ?? ''}` : url
}

/** A TCP port from 1 to 65535. */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535 ? port : undefined
}

/** Node.js takes `fe80::1%eth0:9092` for an address in the zone `eth0:9092`: a port that would be lost. */
function isBareAddress(text: string): boolean {
  return isIP(text) !== 0 && !/%.*:/.test(text)
}

/** Text of digits and dots is an IPv4 address or a mistake, never a name. */
function isHost(name: string): boolean {
  return /^[\d.]+$/.test(name) ? isIPv4(name) : HOST_NAME.test(name)
}
