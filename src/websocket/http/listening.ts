import uWS from 'uWebSockets.js'
import { access, constants } from 'node:fs/promises'
import { createServer } from 'node:net'
import { formatListenAddress, type ListenAddress } from '../../addresses/host-port.ts'

export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
}

/** The WebSocket server cannot start. The message names the setting and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly code = 'BRIDGE_LISTEN'
}

/** By default uWebSockets.js shares a port between processes; two bridges would each get half of the browsers. */
const EXCLUSIVE_PORT = 1 as uWS.ListenOptions

/** Creates the native application, with TLS when files are given. Checks the files first, because its error does not name the file. */
export async function createApp(tls: TlsFiles | null): Promise<uWS.TemplatedApp> {
  if (tls === null) return uWS.App()
  await readable('server_certFile', tls.certFile)
  await readable('server_keyFile', tls.keyFile)
  try {
    return uWS.SSLApp({ cert_file_name: tls.certFile, key_file_name: tls.keyFile })
  } catch (cause) {
    const message = `server_certFile ${tls.certFile} and server_keyFile ${tls.keyFile} are not a PEM certificate and its key`
    throw new ListenError(message, { cause })
  }
}

export interface Listening {
  readonly port: number
  /** Accepts no new connections; open ones stay. */
  close(): void
}

export async function listen(app: uWS.TemplatedApp, address: ListenAddress): Promise<Listening> {
  const socket = await new Promise<uWS.us_listen_socket | false>((resolve) => {
    if (address.host === null) app.listen(address.port, EXCLUSIVE_PORT, resolve)
    else listenOnHost(app, address.host, address.port, resolve)
  })
  if (socket === false) throw new ListenError(await whyNot(address))
  return { port: uWS.us_socket_local_port(socket), close: () => uWS.us_listen_socket_close(socket) }
}

/** The overload with host and options exists, but the published types lack it. A test of the port guards it. */
function listenOnHost(app: uWS.TemplatedApp, host: string, port: number, done: (socket: uWS.us_listen_socket | false) => void): void {
  const listenWithOptions: (
    host: string,
    port: number,
    options: uWS.ListenOptions,
    done: (socket: uWS.us_listen_socket | false) => void,
  ) => void = app.listen.bind(app) as never
  listenWithOptions(host, port, EXCLUSIVE_PORT, done)
}

async function readable(setting: string, file: string): Promise<void> {
  try {
    await access(file, constants.R_OK)
  } catch (cause) {
    throw new ListenError(`${setting} ${file || '(empty)'} cannot be read; TLS (securityLevelHTTP above 0) needs it`, { cause })
  }
}

/** uWebSockets.js gives no reason; the same attempt by Node's own server does. */
async function whyNot(address: ListenAddress): Promise<string> {
  const { host, port } = address
  const code = await new Promise<string>((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    probe.listen({ port, ...(host === null ? {} : { host }), exclusive: true }, () => probe.close(() => resolve('no reason given')))
  })
  const reasons: Record<string, string> = {
    EADDRINUSE: 'another program listens there',
    EACCES: 'this user may not use that port',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'there is no such host',
  }
  return `p2p_httpListenAddress ${formatListenAddress(address)} cannot be opened: ${reasons[code] ?? code}; set P2P_HTTPLISTENADDRESS to a free address or stop that program`
}
