import { connect, createServer } from 'node:net'
import type { ListenAddress } from '../../addresses/host-port.ts'

/** How a TCP connection attempt ended. `refused`: the host answers, nobody listens there. `silent`: no answer in time. */
export type Reach = 'connected' | 'refused' | 'silent' | 'no-route' | 'unknown-name'

const BY_CODE: Readonly<Record<string, Reach>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  ENOTFOUND: 'unknown-name',
  EAI_AGAIN: 'unknown-name',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  EADDRNOTAVAIL: 'no-route',
}

/** What is wrong, to follow the address. */
export const REACH_WORDS: Readonly<Record<Exclude<Reach, 'connected'>, string>> = {
  refused: 'refuses connections: nothing listens on that port',
  silent: 'does not answer: the host is down, or a firewall drops what is sent there',
  'no-route': 'cannot be reached: this host has no route to it',
  'unknown-name': 'has a name that the DNS does not know',
}

/** Opens a TCP connection and closes it again. */
export function reach({ host, port }: { host: string; port: number }, timeoutMs: number): Promise<Reach> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (result: Reach) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(() => end('silent'), timeoutMs)
    socket.once('connect', () => end('connected'))
    socket.once('error', (error: NodeJS.ErrnoException) => end(BY_CODE[codeOf(error)] ?? 'no-route'))
  })
}

/** A name with several addresses gives an AggregateError without a code of its own on some versions of Node.js. */
function codeOf(error: NodeJS.ErrnoException): string {
  const nested = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined) : undefined
  return error.code ?? nested?.code ?? ''
}

/** Listens on the address for a moment. Undefined if it could, otherwise the code of the error, such as EADDRINUSE. */
export function bindFault({ host, port }: ListenAddress): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ port, exclusive: true, ...(host === null ? {} : { host }) }, () => server.close(() => resolve(undefined)))
  })
}
