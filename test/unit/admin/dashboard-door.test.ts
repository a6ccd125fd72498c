import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createDashboardDoor, type DashboardDoorOptions } from '../../../src/admin/dashboard-door.ts'
import { ANSWER_SCHEMAS } from '../../../src/admin/routes/schemas.ts'
import { fc } from '../../support/properties.ts'
import { KEY, PEER, startApi } from './start-api.ts'

const HERE = { host: 'localhost:9906' }
const OWN_PAGE = { ...HERE, origin: 'http://localhost:9906', 'sec-fetch-site': 'same-origin' }

async function startDoor(options: Partial<DashboardDoorOptions> = {}) {
  const { board, gate, bans, lines, log, metric } = await startApi()
  const deps = { board, gate, log, onAnswer: () => {}, signal: new AbortController().signal }
  const door = createDashboardDoor({ show: 'auto', mayChange: true, ...options }, deps)
  const ask = async (method: string, target: string, { headers = OWN_PAGE, body = '', address = '127.0.0.1' }: Asked = {}) => {
    const { text, ...answer } = await door.respond({ method, target, headers, address, readBody: async () => body })
    return { ...answer, body: JSON.parse(text) }
  }
  return { ask, bans, lines, metric }
}

interface Asked {
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly address?: string
}

test('a browser on this host sees all, and that it may change bans', async () => {
  const { ask } = await startDoor()
  const { status, headers, body } = await ask('GET', '/v1/status', { headers: HERE })
  expect([status, headers['cache-control']]).toEqual([200, 'no-store'])
  expect(body).toMatchObject({ view: 'full', mayChange: true, peers: { list: [{ peerId: PEER, address: '203.0.113.7' }] } })
})

test('others see a summary: nothing of peers, bans, brokers and topics but numbers', async () => {
  const { ask, bans } = await startDoor()
  await bans.apply({ action: 'add', key: '198.51.100.9', reason: 'a private reason' }, { door: 'cli', who: null })
  const { body } = await ask('GET', '/v1/status', { address: '203.0.113.50', headers: { host: 'bridge.example' } })
  expect(body).toMatchObject({ view: 'summary', peers: { total: 1, list: null }, bans: { total: 1, list: null } })
  for (const hidden of ['203.0.113.7', '198.51.100.9', 'a private reason', 'rejectedtx']) expect(JSON.stringify(body)).not.toContain(hidden)
})

test.each([
  ['full', '203.0.113.50', 'full'],
  ['summary', '127.0.0.1', 'summary'],
] as const)('with dashboard_status %s, %s sees the %s', async (show, address, view) => {
  const { ask } = await startDoor({ show })
  expect((await ask('GET', '/v1/status', { address })).body.view).toBe(view)
})

test('with dashboard_status off there is no status, and the answer says why', async () => {
  const { ask } = await startDoor({ show: 'off' })
  expect(await ask('GET', '/v1/status')).toMatchObject({ status: 404, body: { error: expect.stringContaining('dashboard_status is off') } })
})

test('the document is that of the admin API, and says whether changes are taken', async () => {
  const { ask } = await startDoor({ mayChange: false })
  const { mayChange, ...status } = (await ask('GET', '/v1/status')).body
  expect(mayChange).toBe(false)
  expect(Object.keys(status).sort()).toEqual(Object.keys(ANSWER_SCHEMAS.Status?.properties ?? {}).sort())
})

test('a ban is added and removed with the key, through the door dashboard, and the next status has it', async () => {
  const { ask, bans, lines, metric } = await startDoor()
  const headers = { ...OWN_PAGE, 'x-api-key': KEY }
  await ask('GET', '/v1/status')
  const body = JSON.stringify({ key: '198.51.100.0/24', reason: 'spam' })
  expect(await ask('POST', '/v1/bans', { headers, body })).toMatchObject({ status: 200, body: { key: '198.51.100.0/24', changed: true } })
  expect((await ask('GET', '/v1/status')).body.bans).toMatchObject({ total: 1, list: [{ key: '198.51.100.0/24', reason: 'spam' }] })
  expect(lines).toContainEqual(expect.objectContaining({ door: 'dashboard', action: 'add', key: '198.51.100.0/24' }))
  expect(await metric('bridge_ban_commands_total')).toMatchObject([{ labels: { door: 'dashboard', outcome: 'changed' } }])
  expect(await ask('DELETE', '/v1/bans/198.51.100.0/24', { headers })).toMatchObject({ status: 200, body: { changed: true } })
  expect(bans.list()).toEqual([])
})

test.each<[string, Partial<DashboardDoorOptions>, Record<string, string>, number]>([
  ['no key', {}, OWN_PAGE, 401],
  ['a wrong key', {}, { ...OWN_PAGE, 'x-api-key': `${KEY}x` }, 401],
  ['the page of another origin', {}, { ...OWN_PAGE, 'x-api-key': KEY, origin: 'https://evil.example' }, 403],
  ['a sandboxed page', {}, { ...OWN_PAGE, 'x-api-key': KEY, origin: 'null' }, 403],
  ['dashboard_admin off', { mayChange: false }, { ...OWN_PAGE, 'x-api-key': KEY }, 404],
])('%s: nothing changes', async (_what, options, headers, status) => {
  const { ask, bans } = await startDoor(options)
  expect((await ask('POST', '/v1/bans', { headers, body: '{"key":"198.51.100.9"}' })).status).toBe(status)
  expect(bans.list()).toEqual([])
})

test.each([
  ['GET', '/v1/bans', 405],
  ['DELETE', '/v1/bans?confirm=all', 405],
  ['GET', '/v1/peers', 404],
  ['POST', '/v1/peers', 404],
  ['POST', '/v1/status', 405],
  ['GET', '/v1/', 404],
])('%s %s is not for the page: %i', async (method, target, status) => {
  const { ask } = await startDoor()
  expect((await ask(method, target, { headers: { ...OWN_PAGE, 'x-api-key': KEY } })).status).toBe(status)
})

test('whatever is asked, the answer is JSON and nothing changes without the key', async () => {
  const { ask, bans } = await startDoor()
  const request = fc.tuple(fc.constantFrom('GET', 'POST', 'DELETE', 'PUT'), fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }))
  await fc.assert(
    fc.asyncProperty(request, async ([method, path, body]) => {
      const { status } = await ask(method, `/v1/${path}`, { body })
      expect([200, 400, 401, 404, 405, 429]).toContain(status)
    }),
  )
  expect(bans.list()).toEqual([])
})

test('a failure of the status is answered and logged, not thrown', async () => {
  const lines: string[] = []
  const board = { status: () => Promise.reject(new Error('broken')), ports: () => undefined, outdate() {} }
  const deps = { board, gate: { check() {} }, onAnswer: () => {}, signal: new AbortController().signal }
  const log = pino({}, { write: (line: string) => void lines.push(line) })
  const door = createDashboardDoor({ show: 'full', mayChange: true }, { ...deps, log })
  const ask = (method: string, target: string) =>
    door.respond({ method, target, headers: {}, address: '127.0.0.1', readBody: async () => '' })
  expect((await ask('GET', '/v1/status')).status).toBe(500)
  expect(lines.join()).toContain('broken')
  expect(await ask('POST', '/v1/bans')).toMatchObject({ status: 503, headers: { 'retry-after': '2' } })
})
