import net from 'node:net'

/** A link between two programs that a test can break as networks break. */
export interface TcpProxy {
  /** The port to connect to instead of the target. */
  readonly port: number
  /** Closes all connections and refuses new ones, as when the other side has died. */
  cut(): Promise<void>
  /** Connections stay open and no data passes; data sent meanwhile passes after `mend`. */
  stall(): void
  /**
   * Closes the far ends of the open connections without telling the near ends, as when a router loses its table. New
   * connections work.
   */
  halfOpen(): void
  /** Repairs the link after `cut` and `stall`. */
  mend(): Promise<void>
  close(): Promise<void>
}

interface Pair {
  readonly near: net.Socket
  readonly far: net.Socket
  isHalfOpen: boolean
}

/** Listens on a loopback port (a free one when it is 0) and forwards all data to the target port. */
export async function startTcpProxy(options: { port: number; target: number }): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  let isStalled = false
  const server = net.createServer((near) => {
    const pair: Pair = { near, far: net.connect(options.target, '127.0.0.1'), isHalfOpen: false }
    pairs.add(pair)
    join(pair, () => isStalled)
    for (const socket of [pair.near, pair.far]) {
      socket.on('error', () => {}) // `close` follows
      socket.on('close', () => end(pair, socket, pairs))
    }
  })
  await listen(server, options.port)
  const port = (server.address() as net.AddressInfo).port

  function cut(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => resolve())
      for (const { near, far } of pairs) for (const socket of [near, far]) socket.destroy()
    })
  }

  return {
    port,
    cut,
    stall() {
      isStalled = true
      for (const { near, far } of pairs) for (const socket of [near, far]) socket.pause()
    },
    halfOpen() {
      for (const pair of pairs) {
        pair.isHalfOpen = true
        pair.far.destroy()
      }
    },
    async mend() {
      isStalled = false
      for (const { near, far } of pairs) for (const socket of [near, far]) socket.resume()
      if (!server.listening) await listen(server, port)
    },
    close: () => (server.listening ? cut() : Promise.resolve()),
  }
}

/** Forwards the data of each side to the other, no faster than the other side reads it. */
function join({ near, far }: Pair, isStalled: () => boolean): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('data', (data) => {
      if (to.destroyed || to.write(data)) return
      from.pause()
      to.once('drain', () => void (isStalled() || from.resume()))
    })
    from.on('end', () => to.end())
    if (isStalled()) from.pause()
  }
}

function end(pair: Pair, ended: net.Socket, pairs: Set<Pair>): void {
  if (pair.isHalfOpen && ended === pair.far) return // the near side must not notice
  pairs.delete(pair)
  pair.near.destroy()
  pair.far.destroy()
}

function listen(server: net.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
