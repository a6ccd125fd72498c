/**
 * Whether a page of this origin may open a WebSocket. Programs send no Origin header and are let in: the check is there to
 * keep foreign pages from using a visitor's browser as their way in. `*` in the list lets every page in.
 */
export function isOriginAllowed(origin: string, host: string, allowed: readonly string[]): boolean {
  if (origin === '' || allowed.includes('*')) return true
  if (!URL.canParse(origin)) return false // `null`, the origin of sandboxed pages and files, among others
  const { origin: canonical, protocol, host: originHost } = new URL(origin)
  if (protocol !== 'http:' && protocol !== 'https:') return false
  return originHost === canonicalHost(host, protocol) || allowed.some((entry) => URL.canParse(entry) && new URL(entry).origin === canonical)
}

/** The Host header without a default port and in lower case, as URL writes it. */
function canonicalHost(host: string, protocol: string): string | null {
  const text = `${protocol}//${host}`
  return URL.canParse(text) ? new URL(text).host : null
}
