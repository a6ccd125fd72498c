import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { freePorts } from '../../../deploy/local/processes/free-ports.ts'
import { loadPageFiles } from '../../../src/dashboard/page-files.ts'
import { KIND_ROWS } from '../../../src/messages/page-rows.ts'
import { packageFile } from '../../../src/package-file.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'
import { blockEvent } from './fake-log.ts'
import { FeedClient } from './feed-client.ts'
import { makeServer, startServer } from './start-server.ts'

test('says OK on /health', async () => {
  const { http } = await startServer()
  const response = await fetch(`${http}/health`)
  expect([response.status, await response.text()]).toEqual([200, 'OK'])
})

test.each(['/p2p-ws', '/ws'])('answers a plain GET on %s with 426, and clients stay as they are', async (path) => {
  const { http, ws, server, log } = await startServer()
  await server.publish([], 0n)
  const client = await FeedClient.live(`${ws}/ws`)
  const response = await fetch(`${http}${path}`)
  expect(response.status).toBe(426)
  expect(response.headers.get('upgrade')).toBe('websocket')
  await server.publish([log.add(blockEvent())], 1n)
  await eventually(() => client.frames('event').length === 1)
})

test('tells a page by POST whether its origin may connect', async () => {
  const { http } = await startServer({ allowedOrigins: ['https://explorer.example'] })
  const statusFor = async (origin: string) => (await fetch(`${http}/p2p-ws`, { method: 'POST', headers: { origin } })).status
  expect([await statusFor('https://explorer.example'), await statusFor('https://other.example')]).toEqual([426, 403])
})

test('serves the dashboard with its type, a tag, and rules that let it load and run nothing foreign', async () => {
  const { http } = await startServer({ pages: await loadPageFiles({ kindRows: KIND_ROWS, explorerUrl: '' }) })
  const page = await fetch(`${http}/`)
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/)
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  expect(await page.text()).not.toMatch(/<script>|style="|https?:\/\//)
  const again = await fetch(`${http}/`, { headers: { 'If-None-Match': page.headers.get('etag') ?? '' } })
  expect([again.status, await again.text()]).toEqual([304, ''])
  const head = await fetch(`${http}/`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, page.headers.get('content-length')])
})

test('serves the client of the package, for pages of every site, with a tag', async () => {
  const { http } = await startServer({ pages: await loadPageFiles({ kindRows: KIND_ROWS, explorerUrl: '' }) })
  const answer = await fetch(`${http}/client.js`)
  expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  expect(answer.headers.get('cache-control')).toBe('no-cache')
  expect(await answer.text()).toBe(await readFile(packageFile('dist', 'client', 'client.js'), 'utf8'))
  const again = await fetch(`${http}/client.js`, { headers: { 'If-None-Match': answer.headers.get('etag') ?? '' } })
  expect([again.status, await again.text()]).toEqual([304, ''])
  expect((await fetch(`${http}/main.js`)).headers.get('access-control-allow-origin')).toBeNull()
})

test.each([
  ['GET /../package.json HTTP/1.1', '404'],
  ['GET /%2e%2e/%2e%2e/package.json HTTP/1.1', '404'],
  ['GET /..%2f..%2fpackage.json HTTP/1.1', '404'],
  ['GET //etc/passwd HTTP/1.1', '404'],
  ['GET /nothing HTTP/1.1', '404'],
  ['POST / HTTP/1.1', '405'],
  ['DELETE /health HTTP/1.1', '405'],
])('answers %s with %s', async (line, status) => {
  const { server } = await startServer({ pages: await loadPageFiles({ kindRows: KIND_ROWS, explorerUrl: '' }) })
  const answer = await rawRequest(server.port(), `${line}\r\nHost: x\r\nContent-Length: 0\r\n\r\n`)
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
})

test.each(['/health', '/', '/ws', '/nothing'])('answers HEAD %s like GET, without a body', async (path) => {
  const { http } = await startServer({ pages: await loadPageFiles({ kindRows: KIND_ROWS, explorerUrl: '' }) })
  const [get, head] = [await fetch(`${http}${path}`), await fetch(`${http}${path}`, { method: 'HEAD' })]
  expect(head.status).toBe(get.status)
  expect(await head.text()).toBe('')
  expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(await get.text())))
  for (const name of ['content-type', 'content-security-policy', 'x-content-type-options', 'referrer-policy'])
    expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name) ?? 'missing'])
})

test('takes the large cookies of a single sign-on', async () => {
  const { http } = await startServer()
  const response = await fetch(`${http}/health`, { headers: { Cookie: `sso=${'c'.repeat(12_000)}` } })
  expect(response.status).toBe(200)
})

test('a port that is taken is said with its address, its setting and the reason', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onEnd(() => new Promise<void>((resolve) => other.close(() => resolve())))
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { server } = makeServer({ listenAddress: { host: '127.0.0.1', port } })
  await expect(server.start()).rejects.toThrow(
    `p2p_httpListenAddress 127.0.0.1:${port} cannot be opened: another program listens there; set P2P_HTTPLISTENADDRESS to a free address or stop that program`,
  )
  await server.stop()
})

test('a second bridge does not share the port of the first', async () => {
  const first = await startServer()
  const { server } = makeServer({ listenAddress: { host: '127.0.0.1', port: first.server.port() } })
  await expect(server.start()).rejects.toThrow('another program listens there')
})

test('an address that this machine does not have is refused', async () => {
  const { server } = makeServer({ listenAddress: { host: '192.0.2.1', port: 0 } })
  await expect(server.start()).rejects.toThrow('this machine has no such address')
})

function rawRequest(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString())
    })
    socket.once('error', reject)
  })
}

test('a restart gets its port back although clients of the first run still hang on', async () => {
  const [port = 0] = await freePorts(1)
  const first = await startServer({ listenAddress: { host: '127.0.0.1', port } })
  const stuck = await FeedClient.open(`${first.ws}/ws`)
  stuck.socket.pause()
  await first.server.stop()
  await startServer({ listenAddress: { host: '127.0.0.1', port } })
})

async function makeCertificate(name = 'localhost') {
  const directory = await mkdtemp(join(tmpdir(), 'gossip-bridge-tls-'))
  onEnd(() => rm(directory, { recursive: true }))
  const certFile = join(directory, 'cert.pem')
  const keyFile = join(directory, 'key.pem')
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1']
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile, '-out', certFile, ...subject])
  return { certFile, keyFile }
}

test('speaks TLS with the files of the settings, and names the one that is missing', async () => {
  const files = await makeCertificate()
  const { http, ws, server, log } = await startServer({ tls: files })
  await server.publish([log.add(blockEvent())], 1n)
  const client = new FeedClient(`${ws}/ws`, { ca: await readFile(files.certFile, 'utf8') })
  await eventually(() => client.frames('hello').length === 1)
  client.subscribe({ last: 1 })
  await eventually(() => client.frames('event').length === 1)
  expect(http).toMatch(/^https:/)
  const missing = makeServer({ tls: { ...files, keyFile: '/nowhere/key.pem' } })
  await expect(missing.server.start()).rejects.toThrow('server_keyFile /nowhere/key.pem cannot be read')
  const swapped = makeServer({ tls: { certFile: files.keyFile, keyFile: files.certFile } })
  await expect(swapped.server.start()).rejects.toThrow('are not a PEM certificate and its key')
})

/** The name in the certificate that the port shows. */
async function shownName(port: number): Promise<unknown> {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return subject.CN
}

test('a new certificate is used once it is asked for: clients are told to come back, and resume at the same port', async () => {
  const [files, next] = await Promise.all([makeCertificate('one'), makeCertificate('two')])
  // On a port that the system chose, uWebSockets.js does not set SO_REUSEADDR: its closed connections would keep the port for a minute.
  const [port = 0] = await freePorts(1)
  const { ws, server, log, logLines, readiness } = await startServer({ tls: files, listenAddress: { host: '127.0.0.1', port } })
  await server.publish([log.add(blockEvent())], 1n)
  const client = await FeedClient.open(`${ws}/ws`, { ca: await readFile(files.certFile, 'utf8') })
  client.subscribe()
  await client.caughtUp()
  await server.renewCertificate()
  expect(client.socket.readyState).toBe(client.socket.OPEN) // there was no other one
  await copyFile(next.certFile, files.certFile)
  await server.renewCertificate()
  expect(await shownName(port)).toBe('one') // its key has not come yet
  expect(client.socket.readyState).toBe(client.socket.OPEN)
  await copyFile(next.keyFile, files.keyFile)
  const closed = once(client.socket, 'close')
  await Promise.all([server.renewCertificate(), server.renewCertificate()])
  const [code, reason] = await closed
  expect(code).toBe(1012)
  const { cursor } = JSON.parse(String(reason))
  expect(server.port()).toBe(port)
  expect(logLines.filter(({ msg }) => String(msg).includes('could not be opened again'))).toEqual([])
  expect(await shownName(port)).toBe('two')
  await server.publish([log.add(blockEvent())], 2n)
  const again = new FeedClient(`${ws}/ws`, { ca: await readFile(next.certFile, 'utf8') })
  await eventually(() => again.frames('hello').length === 1)
  again.subscribe({ cursor })
  await eventually(() => again.frames('event').length === 1)
  await server.publish([log.add(blockEvent())], 3n)
  await eventually(() => again.frames('event').length === 2)
  await eventually(() => !readiness()?.includes('certificate'))
})

test('a stop in the middle of a renewal ends it', async () => {
  const [files, next] = await Promise.all([makeCertificate('one'), makeCertificate('two')])
  const { ws, server } = await startServer({ tls: files })
  const port = server.port()
  await FeedClient.open(`${ws}/ws`, { ca: await readFile(files.certFile, 'utf8') })
  await Promise.all([copyFile(next.certFile, files.certFile), copyFile(next.keyFile, files.keyFile)])
  const renewing = server.renewCertificate()
  await server.stop()
  await renewing
  await expect(shownName(port)).rejects.toThrow('ECONNREFUSED')
})

test('while another program holds the port during a renewal it is not ready, and it is back when that program has ended', async () => {
  const [files, next] = await Promise.all([makeCertificate('one'), makeCertificate('two')])
  const [port = 0] = await freePorts(1)
  const { ws, server, readiness } = await startServer({ tls: files, listenAddress: { host: '127.0.0.1', port } })
  await FeedClient.open(`${ws}/ws`, { ca: await readFile(files.certFile, 'utf8') })
  await Promise.all([copyFile(next.certFile, files.certFile), copyFile(next.keyFile, files.keyFile)])
  const other = createServer()
  onEnd(() => void other.close())
  const renewing = server.renewCertificate()
  await eventually(async () => {
    other.listen({ port, host: '127.0.0.1' })
    await once(other, 'listening')
    return true
  })
  await eventually(() => readiness()?.includes('while another program holds it') ?? false)
  other.close()
  await renewing
  expect(await shownName(port)).toBe('two')
  await eventually(() => readiness()?.startsWith('listening on') ?? false)
})
