/** What of this process decides which binary of uWebSockets.js is loaded. */
export interface NativeHost {
  /** Such as `v26.10.0`. */
  readonly nodeVersion: string
  /** Such as `2.36`; undefined without glibc (musl, macOS). */
  readonly glibcVersion: string | undefined
}

export interface NoWebSockets {
  readonly reason: string
  readonly remedy: string
}

/** Says why uWebSockets.js does not load here. Undefined for an error that comes from something else. */
export function whyNoWebSockets(error: unknown, { nodeVersion, glibcVersion }: NativeHost): NoWebSockets | undefined {
  const text = String(error)
  if (!text.includes('uWS')) return undefined
  const instead = 'or let other instances serve browsers (roles=relay,admin here)'
  const needed = /GLIBC_(\d+(?:\.\d+)+)/.exec(text)?.[1]
  if (needed !== undefined) {
    return {
      reason: `the binary of uWebSockets.js for Node.js ${nodeVersion} needs glibc ${needed}, and this system has ${glibcVersion ?? 'another C library'}`,
      remedy: `use Debian 13, Ubuntu 24.04 or newer, or Node.js 20, ${instead}`,
    }
  }
  const isMissing = /Cannot find module '[^']*\.node'/.test(text)
  return {
    reason: isMissing
      ? `uWebSockets.js has no binary for Node.js ${nodeVersion} on this platform`
      : `uWebSockets.js does not load on Node.js ${nodeVersion}: ${text.replace(/\s+/g, ' ')}`,
    remedy: `use Node.js 20, 22 or 24, ${instead}`,
  }
}
