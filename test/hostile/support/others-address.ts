import { once } from 'node:events'
import { createServer } from 'node:net'
import { onEnd } from '../../support/on-end.ts'

/** A port that belongs to somebody else. Nobody has a reason to connect to it. */
export async function listenForDials(): Promise<{ address: string; dials(): number }> {
  let dials = 0
  const server = createServer((socket) => {
    dials += 1
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onEnd(() => void server.close())
  const bound = server.address()
  const port = typeof bound === 'object' && bound ? bound.port : 0
  return { address: `/ip4/127.0.0.1/tcp/${port}`, dials: () => dials }
}
