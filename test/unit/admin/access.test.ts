import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { KeyGate } from '../../../src/admin/key-gate.ts'
import { KEY, startApi } from './start-api.ts'

const BAN = { key: '203.0.113.7' }

test('a change needs the key, in either header; reading does not', async () => {
  const { ask, bans } = await startApi()
  for (const headers of [{}, { authorization: 'Basic abc' }, { authorization: 'Bearer' }, { 'x-api-key': '' }]) {
    const answer = await ask('POST', '/v1/bans', { body: BAN, headers: headers as Record<string, string> })
    expect(answer).toMatchObject({ status: 401, body: { error: expect.stringContaining('needs the key') } })
    expect(answer.headers.get('www-authenticate')).toContain('Bearer')
  }
  expect((await ask('POST', '/v1/bans', { body: BAN, headers: { 'x-api-key': `${KEY}x` } })).status).toBe(401)
  expect(bans.list()).toEqual([])
  expect((await ask('GET', '/v1/bans', { headers: {} })).status).toBe(200)
  expect((await ask('POST', '/v1/bans', { body: BAN, headers: { authorization: `Bearer ${KEY}` } })).status).toBe(200)
  expect((await ask('DELETE', '/v1/bans/203.0.113.7', { headers: { 'x-api-key': KEY } })).status).toBe(200)
})

test('without a key in the settings nothing can be changed, whatever is sent', async () => {
  const { ask, bans } = await startApi({ key: '' })
  for (const headers of [{}, { 'x-api-key': '' }, { 'x-api-key': 'x' }]) {
    const answer = await ask('POST', '/v1/bans', { body: BAN, headers: headers as Record<string, string> })
    expect(answer).toMatchObject({ status: 403, body: { error: expect.stringContaining('admin_api_key is not set') } })
  }
  expect(bans.list()).toEqual([])
  expect((await ask('GET', '/v1/status', { headers: {} })).status).toBe(200)
})

test('wrong keys are counted and slowed down, and said in the log without the key', async () => {
  const { ask, metric, lines } = await startApi()
  const statuses: number[] = []
  for (let guess = 0; guess < 12; guess++)
    statuses.push((await ask('POST', '/v1/bans', { body: BAN, headers: { 'x-api-key': `guess-number-${guess}` } })).status)
  expect(statuses).toEqual([...Array(10).fill(401), 429, 429])
  const refused = Object.fromEntries((await metric('bridge_admin_refused_total')).map(({ labels, value }) => [labels.reason, value]))
  expect(refused).toEqual({ wrong: 10, 'too-often': 2 })
  expect(lines.some(({ msg, from }) => String(msg).includes('refused') && from === '127.0.0.1')).toBe(true)
  expect(JSON.stringify(lines)).not.toContain('guess-number')
})

test('the limit on wrong keys is per address, one IPv6 /64 counting as one, and passes', () => {
  let now = 0
  const gate = new KeyGate({ key: KEY }, { clock: { steady: () => now }, onRefused: () => {} })
  const statusOf = (key: string, address: string) => {
    try {
      gate.check({ 'x-api-key': key }, address)
      return 200
    } catch (error) {
      return (error as { status: number }).status
    }
  }
  for (let guess = 0; guess < 10; guess++) expect(statusOf('wrong', `2001:db8::${guess + 1}`)).toBe(401)
  expect(statusOf('wrong', '2001:db8::ffff')).toBe(429)
  expect(statusOf(KEY, '2001:db8::ffff')).toBe(429)
  expect(statusOf(KEY, '2001:db8:0:1::1')).toBe(200)
  now += 6001
  expect(statusOf(KEY, '2001:db8::ffff')).toBe(200)
  expect(statusOf('wrong', '2001:db8::1')).toBe(401)
  expect(statusOf('wrong', '2001:db8::1')).toBe(429)
})

test.each([
  ['GET', '/nothing', 404],
  ['GET', '/v1/bans/', 404],
  ['PUT', '/v1/bans', 405],
  ['PATCH', '/v1/peers', 405],
  ['GET', '/v1/bans?limits=1', 400],
  ['GET', '/v1/bans?limit=1&limit=2', 400],
  ['GET', '/v1/bans/%zz', 400],
])('%s %s is answered with %i and a sentence', async (method, path, status) => {
  const { ask } = await startApi()
  expect(await ask(method, path)).toMatchObject({ status, body: { error: expect.any(String) } })
})

test('a body beyond the bound is refused, and nothing changes', async () => {
  const { ask, bans } = await startApi()
  const body = JSON.stringify({ ...BAN, reason: 'x'.repeat(100_000) })
  expect((await ask('POST', '/v1/bans', { body })).status).toBe(413)
  expect(bans.list()).toEqual([])
})

test('what is no HTTP does not harm the API', async () => {
  const { ask, port } = await startApi()
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end('\x00\x01\x02 not http\r\n\r\n'))
    socket.on('error', () => {})
    socket.resume().once('close', () => resolve())
  })
  expect((await ask('GET', '/v1/status')).status).toBe(200)
})
