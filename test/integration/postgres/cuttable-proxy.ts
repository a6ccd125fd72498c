import net from 'node:net'
import { onEnd } from '../../support/on-end.ts'

/** A way to the shared Postgres that a test can cut, freeze and mend. */
export interface CuttableProxy {
  /** The connection string by way of the proxy. */
  readonly url: string
  /** As when the server has died: connections break, new ones are refused. */
  cut(): Promise<void>
  mend(): Promise<void>
  /** As when the server hangs: everything stays open and nothing passes. */
  freeze(): void
  thaw(): void
}

export async function cuttableProxy(target: string): Promise<CuttableProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<net.Socket>()
  let isFrozen = false
  const server = net.createServer((inner) => {
    const outer = net.connect(Number(port), hostname)
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.on('data', (data) => to.write(data))
    }
    if (isFrozen) for (const socket of [inner, outer]) socket.pause()
  })
  await listen(server, 0)
  const ownPort = (server.address() as net.AddressInfo).port
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  onEnd(close)
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String(ownPort)
  return {
    url: url.href,
    cut: close,
    mend: () => listen(server, ownPort),
    freeze() {
      isFrozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw() {
      isFrozen = false
      for (const socket of sockets) socket.resume()
    },
  }
}

function listen(server: net.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
}
