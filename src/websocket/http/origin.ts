/**
 * Whether a page of this origin may open a WebSocket. Programs send no Origin header and are allowed: the check stops foreign pages
 * from connecting through a visitor's browser. `*` in the list allows every page.
 */
export function isOriginAllowed(origin: string, host: string, allowed: readonly string[]): boolean {
  if (origin === '' || allowed.includes('*')) return true
  if (!URL.canParse(origin)) return false // for example `null`, the origin of sandboxed pages and files
  const { origin: canonical, protocol, host: originHost } = new URL(origin)
  if (protocol !== 'http:' && protocol !== 'https:') return false
  return originHost === canonicalHost(host, protocol) || allowed.some((entry) => URL.canParse(entry) && new URL(entry).origin === canonical)
}

/** The Host header in lower case without a default port, as URL writes it. */
function canonicalHost(host: string, protocol: string): string | null {
  const text = `${protocol}//${host}`
  return URL.canParse(text) ? new URL(text).host : null
}
