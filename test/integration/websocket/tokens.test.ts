import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { SUBPROTOCOL } from '../../../src/websocket/feed/frames.ts'
import { WRONG_TOKENS } from '../../../src/websocket/tokens/token-gate.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'
import { createTestClock } from '../../support/test-clock.ts'
import { createTokenIssuer } from '../../support/token-issuer.ts'
import { blockEvent } from './fake-log.ts'
import { FeedClient } from './feed-client.ts'
import { startServer, type TestServer } from './start-server.ts'
import { StreamClient } from './stream-client.ts'

const TOKEN = 'a-token-of-more-than-16'
const ORIGIN = 'http://bridge.example:9906'

/** The status of an upgrade. */
function upgrade(url: string, protocols: string[], headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(url, protocols, { headers, perMessageDeflate: false })
  onEnd(async () => socket.terminate())
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(101))
    socket.on('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode))
    socket.on('error', reject)
  })
}

async function statuses({ http, ws, server }: Pick<TestServer, 'http' | 'ws' | 'server'>, token: string): Promise<Record<string, number>> {
  await server.publish([], 0n)
  const headers = token === '' ? {} : { Authorization: `Bearer ${token}` }
  const query = token === '' ? '' : `?access_token=${token}`
  const protocols = token === '' ? [SUBPROTOCOL] : [SUBPROTOCOL, `bearer.${token}`]
  const stream = (path: string, more = {}) => StreamClient.open(`${http}${path}`, more).then(({ status }) => status)
  const page = (path: string, more = {}) => fetch(`${http}${path}`, { headers: more }).then(({ status }) => status)
  return {
    header: await upgrade(`${ws}/ws`, [SUBPROTOCOL], headers),
    teranode: await upgrade(`${ws}/p2p-ws`, [], headers),
    protocol: await upgrade(`${ws}/ws`, protocols),
    query: await upgrade(`${ws}/ws${query}`, [SUBPROTOCOL]),
    stream: await stream('/events', headers),
    streamQuery: await stream(`/events${query}`),
    page: await page('/v1/events', headers),
    pageQuery: await page(`/v1/events${query}`),
    why: (await fetch(`${http}/ws`, { method: 'POST', headers: { ...headers, Origin: ORIGIN } })).status,
  }
}

const REFUSED = {
  header: 401,
  teranode: 401,
  protocol: 401,
  query: 401,
  stream: 401,
  streamQuery: 401,
  page: 401,
  pageQuery: 401,
  why: 401,
}
const LET_IN = { header: 101, teranode: 101, protocol: 101, query: 101, stream: 200, streamQuery: 200, page: 200, pageQuery: 200, why: 426 }

test('with ws_auth static the token opens every door, and nothing else does; refusals are counted and logged without it', async () => {
  const started = await startServer({ auth: { kind: 'static', token: TOKEN } })
  expect(await statuses(started, '')).toEqual(REFUSED)
  expect(await statuses(started, `${TOKEN}x`)).toEqual(REFUSED)
  expect(await statuses(started, TOKEN)).toEqual(LET_IN)
  const metrics = await started.registry.metrics()
  expect(metrics).toContain('bridge_browser_refused_total{reason="token-missing"} 9')
  expect(metrics).toContain('bridge_browser_refused_total{reason="token-wrong"} 9')
  const warnings = started.logLines.filter(({ level }) => level === 40)
  expect(warnings.map(({ msg }) => msg)).toEqual([expect.stringContaining('ws_auth')])
  expect(JSON.stringify(started.logLines)).not.toContain(TOKEN)
})

test('without ws_auth a token is no fault', async () => {
  expect(await statuses(await startServer(), TOKEN)).toEqual(LET_IN)
})

test('refused clients keep no place', async () => {
  const { ws, server } = await startServer({ auth: { kind: 'static', token: TOKEN }, limits: { maxClients: 1 } })
  for (let count = 0; count < 3; count++) expect(await upgrade(`${ws}/ws`, [])).toBe(401)
  expect(await upgrade(`${ws}/ws`, [], { Authorization: `Bearer ${TOKEN}` })).toBe(101)
  expect(await upgrade(`${ws}/ws`, [], { Authorization: `Bearer ${TOKEN}` })).toBe(503)
  expect(server.clientCount()).toBe(1)
})

test('pages of other origins may send the token in a header: preflights are answered', async () => {
  const { http } = await startServer({ auth: { kind: 'static', token: TOKEN } })
  for (const path of ['/events', '/v1/events']) {
    const asked = await fetch(`${http}${path}`, { method: 'OPTIONS', headers: { Origin: ORIGIN } })
    expect(asked.status).toBe(200)
    expect(asked.headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization')
    expect((await fetch(`${http}${path}`, { method: 'OPTIONS', headers: { Origin: 'https://stranger.example' } })).status).toBe(403)
  }
})

const CLAIMS = { iss: 'https://login.example.org', aud: 'gossip-bridge' }

async function startWithKeys() {
  const clock = createTestClock()
  const issuer = await createTokenIssuer('one')
  const directory = mkdtempSync(join(tmpdir(), 'keys-'))
  onEnd(() => rmSync(directory, { recursive: true }))
  const keysFile = join(directory, 'jwks.json')
  writeFileSync(keysFile, JSON.stringify(issuer.keySet))
  const auth = { kind: 'jwt', keysFile, issuer: CLAIMS.iss, audience: CLAIMS.aud, algorithms: ['ES256'] } as const
  const started = await startServer({ auth, clock })
  const exp = clock.wall() / 1000 + 600
  return { ...started, clock, issuer, keysFile, exp, token: await issuer.token({ ...CLAIMS, exp }) }
}

test('with ws_auth jwt a token of the issuer opens every door', async () => {
  const { issuer, exp, token, ...started } = await startWithKeys()
  expect(await statuses(started, token)).toEqual(LET_IN)
  expect(await statuses(started, await issuer.token({ ...CLAIMS, aud: 'others', exp }))).toEqual(REFUSED)
})

test('a connection ends when its token expires', async () => {
  const { ws, http, clock, token, server, log } = await startWithKeys()
  await server.publish([], 0n)
  const headers = { Authorization: `Bearer ${token}` }
  const client = await FeedClient.open(`${ws}/ws`, { headers })
  client.subscribe()
  await client.caughtUp()
  const stream = await StreamClient.live(`${http}/events?access_token=${token}`)
  await server.publish([log.add(blockEvent())], log.high)
  await eventually(() => expect(client.ids()).toHaveLength(1))
  clock.pass(606_000)
  expect(await client.closing()).toEqual({ code: 4401, reason: 'the token has expired' })
  await eventually(() => stream.isClosed)
  expect(stream.events('closing').map(({ data }) => data.code)).toEqual([4401])
  expect((await fetch(`${http}/v1/events`, { headers })).status).toBe(401)
})

test('changed keys are used for new clients without a restart', async () => {
  const { ws, keysFile, exp, token } = await startWithKeys()
  const other = await createTokenIssuer('two')
  const newToken = await other.token({ ...CLAIMS, exp })
  expect(await upgrade(`${ws}/ws`, [], { Authorization: `Bearer ${newToken}` })).toBe(401)
  writeFileSync(keysFile, JSON.stringify(other.keySet))
  await eventually(async () => expect(await upgrade(`${ws}/ws`, [], { Authorization: `Bearer ${newToken}` })).toBe(101), {
    timeoutMs: 60_000,
  })
  expect(await upgrade(`${ws}/ws`, [], { Authorization: `Bearer ${token}` })).toBe(401)
})

test('a server without the keys does not start, and says why', async () => {
  const auth = { kind: 'jwt', keysFile: '/none/jwks.json', issuer: 'i', audience: 'a', algorithms: ['ES256'] } as const
  await expect(startServer({ auth })).rejects.toThrow(/^ws_auth_jwks_file \/none\/jwks.json cannot be read/)
})

test('clients that leave while their token is judged keep no place', async () => {
  const { ws, token, server } = await startWithKeys()
  for (let count = 0; count < 20; count++) {
    const socket = new WebSocket(`${ws}/ws`, [], { headers: { Authorization: `Bearer ${token}` } })
    socket.on('error', () => {})
    socket.terminate()
  }
  const last = new WebSocket(`${ws}/ws`, [], { headers: { Authorization: `Bearer ${token}` } })
  onEnd(async () => last.terminate())
  await eventually(() => last.readyState === WebSocket.OPEN)
  await eventually(() => expect(server.clientCount()).toBe(1))
})

test('an address that brings too many wrong tokens is told to wait', async () => {
  const { http } = await startServer({ auth: { kind: 'static', token: TOKEN }, clock: createTestClock() })
  const ask = (token: string) => fetch(`${http}/v1/events`, { headers: { Authorization: `Bearer ${token}` } })
  const wrong = await Promise.all(Array.from({ length: WRONG_TOKENS.burst / 2 }, () => ask('wrong')))
  const more = await Promise.all(Array.from({ length: WRONG_TOKENS.burst / 2 }, () => ask('wrong')))
  expect(new Set([...wrong, ...more].map(({ status }) => status))).toEqual(new Set([401]))
  const refused = await ask(TOKEN)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10'])
  expect(await refused.text()).toContain('too many wrong tokens from this address')
})
