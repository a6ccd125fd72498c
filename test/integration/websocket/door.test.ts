import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { DashboardDoor, RawRequest } from '../../../src/admin/ports.ts'
import { eventually } from '../../support/eventually.ts'
import { startServer } from './start-server.ts'

/** A door that repeats what it is asked. */
function echoDoor() {
  const asked: (Omit<RawRequest, 'readBody'> & { body: string })[] = []
  const door: DashboardDoor = {
    async respond({ readBody, ...request }) {
      asked.push({ ...request, body: await readBody() })
      const text = JSON.stringify({ target: request.target, unicode: 'é' })
      return { status: request.target.includes('missing') ? 404 : 200, headers: { 'content-type': 'application/json' }, text }
    },
  }
  return { door, asked }
}

test('requests under /v1 go to the door as they are, and its answer comes back', async () => {
  const { door, asked } = echoDoor()
  const { http } = await startServer({ door })
  const answer = await fetch(`${http}/v1/bans/10.0.0.0%2F8?reason=a%20b`, { method: 'DELETE', headers: { 'x-api-key': 'k' } })
  expect([answer.status, await answer.json()]).toEqual([200, { target: '/v1/bans/10.0.0.0%2F8?reason=a%20b', unicode: 'é' }])
  expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin')
  expect(asked[0]).toMatchObject({ method: 'DELETE', address: '127.0.0.1', body: '', headers: { 'x-api-key': 'k' } })
  expect(await (await fetch(`${http}/v1/bans`, { method: 'POST', body: '{"key":"é"}' })).json()).toMatchObject({ target: '/v1/bans' })
  expect(asked[1]).toMatchObject({ method: 'POST', body: '{"key":"é"}' })
  expect((await fetch(`${http}/v1/missing`)).status).toBe(404)
})

test('HEAD has the headers of GET and no body', async () => {
  const { http } = await startServer(echoDoor())
  const [get, head] = [await fetch(`${http}/v1/status`), await fetch(`${http}/v1/status`, { method: 'HEAD' })]
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'))
})

test('a body beyond the bound is refused, and the door does not see it', async () => {
  const { door, asked } = echoDoor()
  const { http } = await startServer({ door })
  const answer = await fetch(`${http}/v1/bans`, { method: 'POST', body: 'x'.repeat(100_000) })
  expect([answer.status, await answer.json()]).toEqual([413, { error: 'the body may have at most 16384 bytes' }])
  expect(asked).toEqual([])
})

test('requests that hang are bounded, and those that leave make room', async () => {
  const hanging: ((answer: { status: number; headers: Record<string, string>; text: string }) => void)[] = []
  const door: DashboardDoor = { respond: () => new Promise((resolve) => hanging.push(resolve)) }
  const { http, server } = await startServer({ door })
  const sockets = Array.from({ length: 200 }, () => {
    const socket = connect(server.port(), '127.0.0.1', () => socket.write('GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n'))
    return socket.on('error', () => {})
  })
  await eventually(() => expect(hanging).toHaveLength(200))
  const busy = await fetch(`${http}/v1/status`)
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '1'])
  for (const socket of sockets) socket.destroy()
  await eventually(async () => {
    let isAnswered = false
    const asking = fetch(`${http}/v1/status`).finally(() => {
      isAnswered = true
    })
    await eventually(() => isAnswered || hanging.length > 200)
    hanging.at(-1)?.({ status: 200, headers: {}, text: '{}' })
    expect((await asking).status).toBe(200)
  })
  for (const answer of hanging) answer({ status: 200, headers: {}, text: '{}' })
})

test('without a door there is nothing under /v1', async () => {
  const { http } = await startServer()
  expect((await fetch(`${http}/v1/status`)).status).toBe(404)
})
