import { connect } from 'node:net'
import { pino } from 'pino'
import { Gauge, Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { createHealthServer, type MountedHandler } from '../../../src/health/health-server.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'

const log = pino({ level: 'silent' })

async function startServer(options: { mounts?: Record<string, MountedHandler>; health?: Health; port?: number } = {}) {
  const registry = new Registry()
  new Gauge({ name: 'bridge_peers', help: 'Connected peers.', registers: [registry] }).set(3)
  const server = createHealthServer(
    { address: { host: '127.0.0.1', port: options.port ?? 0 }, settingName: 'healthListenAddress' },
    { log, registry, health: options.health ?? new Health({ clock: SYSTEM_CLOCK }), ...(options.mounts ? { mounts: options.mounts } : {}) },
  )
  onTestFinished(() => server.stop())
  await server.start()
  const url = `http://127.0.0.1:${server.port()}`
  return { server, url, get: async (path: string, init?: RequestInit) => read(await fetch(`${url}${path}`, init)) }
}

async function read(response: Response) {
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
}

test('livez answers OK', async () => {
  const { get } = await startServer()
  expect(await get('/livez')).toEqual({ status: 200, type: 'text/plain; charset=utf-8', body: 'OK' })
})

test('is ready when every part is, and gives the reason of each part', async () => {
  const health = new Health({ clock: SYSTEM_CLOCK })
  const kafka = health.part('kafka')
  health.part('gossip').ready('2 peers')
  kafka.notReady('no broker answers')
  const { get } = await startServer({ health })
  expect(await get('/readyz?verbose')).toMatchObject({
    status: 503,
    body: '[-] kafka: no broker answers\n[+] gossip: 2 peers\nnot ready: kafka',
  })
  expect(await get('/readyz')).toMatchObject({ status: 503, body: '[-] kafka: no broker answers\nnot ready: kafka' })
  kafka.ready()
  expect(await get('/readyz')).toMatchObject({ status: 200, body: 'OK' })
  expect(await get('/readyz?verbose')).toMatchObject({ status: 200, body: '[+] kafka: ok\n[+] gossip: 2 peers\nOK' })
})

test('a part that was lost a moment ago is marked, and does not count yet', async () => {
  const health = new Health({ clock: SYSTEM_CLOCK })
  const group = health.part('group log', { patienceMs: 60_000 })
  group.ready()
  group.notReady('the coordinator moves')
  const { get } = await startServer({ health })
  expect(await get('/readyz?verbose')).toMatchObject({ status: 200, body: '[~] group log: the coordinator moves\nOK' })
})

test('serves metrics for Prometheus', async () => {
  const { get } = await startServer()
  const { status, type, body } = await get('/metrics')
  expect({ status, type }).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' })
  expect(body).toContain('bridge_peers 3')
})

test('shows the log level', async () => {
  const { get } = await startServer()
  expect(await get('/loglevel')).toMatchObject({ status: 200, body: '{"level":"silent"}' })
})

test.each([['/'], ['/nothing'], ['/livez/'], ['//'], ['/__proto__'], ['/schema-registry/subjects'], ['/%00']])(
  'answers 404 at %s',
  async (path) => {
    const { get } = await startServer()
    const { status, type } = await get(path)
    expect({ status, type }).toEqual({ status: 404, type: 'application/json; charset=utf-8' })
  },
)

test.each([['POST'], ['PUT'], ['DELETE']])('%s changes nothing', async (method) => {
  const { get } = await startServer()
  expect(await get('/loglevel', { method })).toMatchObject({ status: 405 })
})

test('HEAD is answered without a body', async () => {
  const { get } = await startServer()
  expect(await get('/livez', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
})

test('a mounted handler gets the rest of the path, the query and the body', async () => {
  const { get } = await startServer({
    mounts: {
      '/schema-registry': ({ method, path, query, body }) =>
        path === '/missing'
          ? undefined
          : { status: 201, contentType: 'application/json', body: JSON.stringify({ method, path, query: `${query}`, body }) },
    },
  })
  expect(await get('/schema-registry/subjects/a%2Fb?deleted=true')).toEqual({
    status: 201,
    type: 'application/json',
    body: '{"method":"GET","path":"/subjects/a%2Fb","query":"deleted=true","body":""}',
  })
  expect((await get('/schema-registry', { method: 'POST', body: '{}' })).body).toBe('{"method":"POST","path":"/","query":"","body":"{}"}')
  expect(await get('/schema-registry/missing')).toMatchObject({ status: 404 })
  expect(await get('/schema-registry', { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) })).toMatchObject({ status: 413 })
})

test('a handler that fails is a 500, for that request only', async () => {
  const { get } = await startServer({ mounts: { '/broken': () => Promise.reject(new Error('no')) } })
  expect(await get('/broken')).toMatchObject({ status: 500, body: '{"error":"internal error"}' })
  expect(await get('/livez')).toMatchObject({ status: 200 })
})

test('the error of a port in use is one sentence that names the setting and the address', async () => {
  const { server } = await startServer()
  await expect(startServer({ port: server.port() })).rejects.toThrow(
    `Cannot listen on healthListenAddress 127.0.0.1:${server.port()}: another process has it: stop that one, or set another address`,
  )
})

test('stop closes open connections, idle or in the middle of a request', async () => {
  const { server } = await startServer()
  const socket = connect(server.port(), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.on('error', () => {})
  socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await server.stop()
  await closed
})

test('a scraper that prefers OpenMetrics gets it, and everybody else the plain text', async () => {
  const { get } = await startServer()
  const asked = (accept: string) => get('/metrics', { headers: { accept } })
  const prometheus = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1'
  expect(await asked(prometheus)).toMatchObject({
    type: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    body: '# HELP bridge_peers Connected peers.\n# TYPE bridge_peers gauge\nbridge_peers 3\n# EOF\n',
  })
  for (const accept of ['*/*', 'text/plain', 'application/openmetrics-text;q=0.1,text/plain;q=0.9', 'application/openmetrics-text;q=0'])
    expect((await asked(accept)).type).toBe('text/plain; version=0.0.4; charset=utf-8')
})
