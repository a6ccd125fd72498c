import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { eventually } from '../../../support/eventually.ts'
import { onEnd } from '../../../support/on-end.ts'
import { blockEvent } from '../fake-log.ts'
import { FeedClient } from '../feed-client.ts'
import { startServer } from '../start-server.ts'

/** The library's own bound is 10 s, looked at each 4 s. */
const CLOSED = { timeoutMs: 60_000 }

function open(port: number, first: string | Buffer): Socket {
  const socket = connect(port, '127.0.0.1', () => socket.write(first))
  onEnd(() => void socket.destroy())
  return socket.on('error', () => {}).resume()
}

test('connections that never ask, or ask too slowly, are closed, and nobody else is harmed', async () => {
  const { ws, server, log } = await startServer()
  await server.publish([], 0n)
  const good = await FeedClient.live(`${ws}/ws`)
  const silent = Array.from({ length: 200 }, () => open(server.port(), ''))
  const half = open(server.port(), 'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n')
  const slow = open(server.port(), 'GET /ws HTTP/1.1\r\nHost: x\r\nX: ')
  const drip = setInterval(() => slow.write('x'), 500)
  onEnd(() => clearInterval(drip))
  const answered = open(server.port(), 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
  await eventually(() => [...silent, half, slow, answered].every(({ closed }) => closed), CLOSED)
  await server.publish([log.add(blockEvent())], log.high)
  await eventually(() => good.ids().length === 1)
  expect(server.clientCount()).toBe(1)
})

test('TLS handshakes that stall are closed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gossip-bridge-tls-'))
  onEnd(() => rm(directory, { recursive: true }))
  const [certFile, keyFile] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
  const key = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    keyFile,
    '-out',
    certFile,
    '-subj',
    '/CN=localhost',
    '-days',
    '1',
  ]
  await promisify(execFile)('openssl', key)
  const { server } = await startServer({ tls: { certFile, keyFile } })
  const stalled = [open(server.port(), ''), open(server.port(), Buffer.from('160301020001', 'hex'))]
  await eventually(() => stalled.every(({ closed }) => closed), CLOSED)
})

test('a cursor from the future is waited for, and then answered with a gap', async () => {
  const { ws, server, log } = await startServer()
  const items = log.addMany(3, () => blockEvent())
  await server.publish(items, log.high)
  const client = await FeedClient.live(`${ws}/ws`, { cursor: 'v1.1000000.00000000' })
  expect(client.frames('gap')).toEqual([
    { type: 'gap', requested: 'v1.1000000.00000000', reason: 'unknown-cursor', oldest: items[0]?.cursor },
  ])
  expect(client.ids()).toEqual(items.map(({ id }) => id))
})
