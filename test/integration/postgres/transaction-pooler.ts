import net from 'node:net'
import { onEnd } from '../../support/on-end.ts'

/** A message of Postgres: its type and all its bytes. */
interface Message {
  readonly type: string
  readonly bytes: Buffer
}

const READY = 'Z'
const IDLE = 0x49 // 'I'
const NOTIFICATION = 'A'

/** Cuts a stream into messages. The first message of a client has no type. */
function messageReader(onMessage: (message: Message) => void, hasStartup: boolean): (data: Buffer) => void {
  let rest = Buffer.alloc(0)
  let isStartup = hasStartup
  return (data) => {
    rest = Buffer.concat([rest, data])
    for (;;) {
      const head = isStartup ? 0 : 1
      if (rest.length < head + 4) return
      const length = head + rest.readUInt32BE(head)
      if (rest.length < length) return
      const bytes = rest.subarray(0, length)
      rest = rest.subarray(length)
      const type = isStartup ? 'startup' : String.fromCharCode(bytes[0] ?? 0)
      // A request for TLS has the same form; the startup message follows it.
      if (!(isStartup && bytes.readUInt32BE(4) === 80_877_103)) isStartup = false
      onMessage({ type, bytes })
    }
  }
}

/**
 * Does what PgBouncer does in transaction mode: all clients share one session of the server, which each has for a transaction at a
 * time. What the server sends while no client has the session is lost, notifications for example.
 */
export async function transactionPooler(target: string): Promise<string> {
  const { hostname, port } = new URL(target)
  const outer = net.connect(Number(port), hostname)
  const waiting: { client: net.Socket; bytes: Buffer[] }[] = []
  let greeting: Buffer[] | undefined
  let holder: net.Socket | undefined
  const greeted: ((greeting: Buffer[]) => void)[] = []
  const hello: Buffer[] = []

  const next = () => {
    const first = waiting.shift()
    holder = first?.client
    for (const bytes of first?.bytes ?? []) outer.write(bytes)
  }
  outer.on('error', () => {})
  outer.on(
    'data',
    messageReader(({ type, bytes }) => {
      if (!greeting) {
        hello.push(bytes)
        if (type !== READY) return
        greeting = hello
        for (const greet of greeted.splice(0)) greet(greeting)
        return
      }
      if (type === NOTIFICATION && !holder) return
      holder?.write(bytes)
      if (type === READY && bytes[5] === IDLE) next()
    }, false),
  )
  const toServer = (client: net.Socket, bytes: Buffer) => {
    if (holder === client) return void outer.write(bytes)
    const place = waiting.find((each) => each.client === client)
    if (place) place.bytes.push(bytes)
    else waiting.push({ client, bytes: [bytes] })
    if (!holder) next()
  }

  const sockets = new Set<net.Socket>([outer])
  let isStarted = false
  const server = net.createServer((client) => {
    sockets.add(client)
    client.on('error', () => {})
    client.on(
      'data',
      messageReader(({ type, bytes }) => {
        if (type === 'startup' && bytes.readUInt32BE(4) === 80_877_103) return void client.write('N')
        if (type === 'startup') {
          const greet = (messages: Buffer[]) => client.write(Buffer.concat(messages))
          if (greeting) greet(greeting)
          else greeted.push(greet)
          if (!isStarted) outer.write(bytes)
          isStarted = true
        } else if (type !== 'X') toServer(client, bytes) // a client that leaves does not end the session
      }, true),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onEnd(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const url = new URL(target)
  url.host = `127.0.0.1:${(server.address() as net.AddressInfo).port}`
  return url.href
}
