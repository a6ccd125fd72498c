import { createServer } from 'node:net'

/**
 * Below Linux's ephemeral range (32768 to 60999): an outgoing connection of any program could take a port of that range
 * while a broker is down between a kill and its restart.
 */
const FIRST = 20_000
const COUNT = 12_000

/** Whether a server can listen on the loopback port now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/**
 * Distinct loopback ports that are free now, the preferred one first if it is free. Nothing reserves them: the caller
 * should listen on them soon.
 */
export async function freePorts(count: number, preferred?: number): Promise<number[]> {
  const found = new Set<number>()
  if (preferred !== undefined && (await isPortFree(preferred))) found.add(preferred)
  for (let tries = 0; found.size < count; tries++) {
    if (tries > 1000) {
      throw new Error(`no ${count} free ports between ${FIRST} and ${FIRST + COUNT} on 127.0.0.1: end some programs and try again`)
    }
    const port = FIRST + Math.floor(Math.random() * COUNT)
    if (!found.has(port) && (await isPortFree(port))) found.add(port)
  }
  return [...found]
}
