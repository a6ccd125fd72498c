import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

/** A server that says everything back, with the proxy before it and a connection through both. */
async function startEcho() {
  const ends = { atServer: 0, heard: '', isClosed: false }
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.on('close', () => void ends.atServer++)
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy = await startTcpProxy({ port: 0, target: (server.address() as net.AddressInfo).port })
  const client = net.connect(proxy.port, '127.0.0.1')
  client.on('data', (data) => {
    ends.heard += data
  })
  client.on('error', () => {})
  client.on('close', () => {
    ends.isClosed = true
  })
  onTestFinished(async () => {
    client.destroy()
    await proxy.close()
    await new Promise((resolve) => server.close(resolve))
  })
  client.write('one')
  await eventually(() => ends.heard === 'one')
  return { proxy, client, ends }
}

test('a link that is cut ends its connections and takes no new ones until it is mended', async () => {
  const { proxy, ends } = await startEcho()
  await proxy.cut()
  await eventually(() => ends.isClosed && ends.atServer === 1)
  const refused = net.connect(proxy.port, '127.0.0.1')
  await expect(new Promise((_, reject) => refused.once('error', reject))).rejects.toThrow('ECONNREFUSED')
  await proxy.mend()
  const again = net.connect(proxy.port, '127.0.0.1')
  await new Promise((resolve) => again.once('connect', resolve))
  again.destroy()
})

test('a link that stalls keeps what is sent and passes it on when it is mended', async () => {
  const { proxy, client, ends } = await startEcho()
  proxy.stall()
  client.write(' two')
  const probe = net.connect(proxy.port, '127.0.0.1') // connections that come meanwhile stall too
  await new Promise((resolve) => probe.once('connect', resolve))
  probe.destroy()
  expect([ends.heard, ends.isClosed]).toEqual(['one', false])
  await proxy.mend()
  await eventually(() => ends.heard === 'one two')
})

test('a half-open link has lost its far end, and the near end does not know', async () => {
  const { proxy, client, ends } = await startEcho()
  proxy.halfOpen()
  await eventually(() => ends.atServer === 1)
  client.write(' two')
  expect([ends.heard, ends.isClosed, client.writable]).toEqual(['one', false, true])
})
