export interface ListenAddress {
  /** Null listens on all addresses, IPv4 and IPv6. */
  readonly host: string | null
  readonly port: number
}

/** `:9906`, `127.0.0.1:9906`, `[::1]:9906`: Go's form of a listen address. Null when it is none. Port 0 lets the system choose. */
export function parseListenAddress(text: string): ListenAddress | null {
  const parts = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^\s:[\]]*)):(\d{1,5})$/.exec(text.trim())
  if (!parts) return null
  const port = Number(parts[3])
  if (port > 65535) return null
  return { host: parts[1] ?? (parts[2] || null), port }
}
