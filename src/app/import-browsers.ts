/** Imported only if browsers are served, because the binary of uWebSockets.js does not load on every system. */
export async function importBrowsers(): Promise<typeof import('./browsers.ts')> {
  try {
    return await import('./browsers.ts')
  } catch (cause) {
    if (!/uWS/.test(String(cause))) throw cause
    throw new Error(
      'uWebSockets.js does not load here, so browsers cannot be served: on Linux its binaries for Node 22 and newer need glibc 2.38 ' +
        '(Debian 13, Ubuntu 24.04). Run the bridge on such a system or with Node 20, or leave the role edge out',
      { cause },
    )
  }
}
