import { type OutgoingHttpHeaders, request } from 'node:http'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { parseCidr } from '../../../src/addresses/cidr.ts'
import { SUBPROTOCOL } from '../../../src/websocket/feed/frames.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'
import { blockEvent } from './fake-log.ts'
import { startServer } from './start-server.ts'

interface Answer {
  readonly status: number
  readonly protocol: string
  readonly text: string
}

/** What an upgrade with these headers is answered with: 101, or a status and its text. */
async function upgrade(url: string, headers: Record<string, string> = {}, protocols: string[] = []): Promise<Answer> {
  const socket = new WebSocket(url, protocols, { headers, perMessageDeflate: false })
  onEnd(async () => socket.terminate())
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve({ status: 101, protocol: socket.protocol, text: '' }))
    socket.on('unexpected-response', (_request, response) => {
      response.setEncoding('utf8')
      response.once('data', (text: string) => resolve({ status: response.statusCode ?? 0, protocol: '', text }))
    })
    socket.on('error', reject)
  })
}

const shared = await startServer({ allowedOrigins: ['https://*.explorer.example'] })

test.each([
  [[], 101, ''],
  [[SUBPROTOCOL], 101, SUBPROTOCOL],
  [['graphql-ws', SUBPROTOCOL, 'v2'], 101, SUBPROTOCOL],
  [['graphql-ws', 'v2'], 400, ''],
])('of the subprotocols %j it takes ours wherever it stands, and refuses a list without it', async (protocols, status, protocol) => {
  const answer = await upgrade(`${shared.ws}/ws`, {}, protocols)
  expect(answer).toMatchObject({ status, protocol })
  if (status === 400) expect(answer.text).toContain(SUBPROTOCOL)
})

test.each([
  ['http://bridge.example:9906', 101],
  ['https://live.explorer.example', 101],
  ['http://stranger.example', 403],
])('a page of %s is answered with %i, although its Host header says the same', async (Origin, status) => {
  const { host } = new URL(Origin)
  expect(await upgrade(`${shared.ws}/ws`, { Origin, Host: host })).toMatchObject({ status })
})

test('a refused page, and a request that is no upgrade, are logged once with what to change', async () => {
  const { http, ws, logLines } = await startServer()
  for (let count = 0; count < 3; count++) {
    await upgrade(`${ws}/ws`, { Origin: 'https://stranger.example' })
    await fetch(`${http}/ws`)
  }
  const warnings = logLines.filter(({ level }) => level === 40).map(({ msg }) => String(msg))
  expect(warnings).toHaveLength(2)
  expect(warnings[0]).toContain('ws_allowed_origins')
  expect(warnings[1]).toContain('HTTP/1.1')
})

test('behind a listed proxy each client counts for itself; behind another one all count as one, and readiness says so', async () => {
  const limits = { maxClientsPerAddress: 1 }
  const trustedProxies = [parseCidr('127.0.0.0/8') ?? expect.fail()]
  const behind = await startServer({ limits, trustedProxies })
  for (const [address, status] of [
    ['198.51.100.1', 101],
    ['2001:db8::1', 101],
    ['2001:db8::2', 503],
    ['192.0.2.1, 198.51.100.1', 503],
  ] as const) {
    expect(await upgrade(`${behind.ws}/ws`, { 'X-Forwarded-For': address })).toMatchObject({ status })
  }
  expect(behind.readiness()).toBe('listening on 127.0.0.1:0')
  const unlisted = await startServer({ limits })
  expect(await upgrade(`${unlisted.ws}/ws`, { 'X-Forwarded-For': '198.51.100.1' })).toMatchObject({ status: 101 })
  expect(await upgrade(`${unlisted.ws}/ws`, { 'X-Forwarded-For': '198.51.100.2' })).toMatchObject({ status: 503 })
  await eventually(() => expect(unlisted.readiness()).toContain('127.0.0.1, which is a proxy: list it in trusted_proxies'))
  expect(unlisted.logLines.map(({ msg }) => msg)).toContainEqual(expect.stringContaining('trusted_proxies'))
})

test('permessage-deflate is negotiated only where it is turned on, and events come whole', async () => {
  for (const compression of [true, false]) {
    const { ws, server, log } = await startServer({ compression })
    await server.publish([], 0n)
    const socket = new WebSocket(`${ws}/ws`, [SUBPROTOCOL], { perMessageDeflate: true })
    onEnd(async () => socket.terminate())
    const texts: string[] = []
    socket.on('message', (data) => texts.push(String(data)))
    socket.on('open', () => socket.send('{"type":"subscribe"}'))
    await eventually(() => texts.some((text) => text.startsWith('{"type":"caught-up"')))
    const items = log.addMany(20, () => blockEvent())
    await server.publish(items, log.high)
    await eventually(() => texts.includes(items[19]?.frame ?? ''))
    expect(socket.extensions).toBe(compression ? 'permessage-deflate' : '')
    expect(texts.slice(-20)).toEqual(items.map(({ frame }) => frame))
  }
})

/** The status of a handshake by hand, with the version that the server names. */
function handshake(url: string, headers: OutgoingHttpHeaders): Promise<string> {
  const whole = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { ...whole, ...headers } })
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(`${response.statusCode}`)
    })
    asked.on('response', (response) => {
      response.resume()
      resolve(`${response.statusCode} ${response.headers['sec-websocket-version']}`)
    })
    asked.on('error', reject)
    asked.end()
  })
}

test.each([
  [{}, '101'],
  [{ Upgrade: 'WebSocket' }, '101'],
  [{ Upgrade: 'h2c, websocket' }, '101'],
  [{ Connection: 'keep-alive, Upgrade' }, '101'],
  [{ Upgrade: 'h2c' }, '426 13'],
  [{ Upgrade: 'websockets' }, '426 13'],
  [{ 'Sec-WebSocket-Version': '8' }, '426 13'],
  [{ 'Sec-WebSocket-Version': '' }, '426 13'],
] as [OutgoingHttpHeaders, string][])('a handshake with %j gets %s', async (headers, status) => {
  expect(await handshake(`${shared.http}/ws`, headers)).toBe(status)
})

test('two origins are none that is allowed, whichever comes first', async () => {
  const origins = ['https://live.explorer.example', 'http://stranger.example']
  expect(await handshake(`${shared.http}/ws`, { Origin: 'https://live.explorer.example' })).toBe('101')
  for (const Origin of [origins, origins.toReversed()]) expect(await handshake(`${shared.http}/ws`, { Origin })).toMatch(/^403/)
})
