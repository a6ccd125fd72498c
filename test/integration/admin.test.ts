import { expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { runProgram } from '../../src/cli/program.ts'
import { createFakeHost } from '../support/bridge/fake-host.ts'
import { createNode, startBridge } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'

interface Answer {
  readonly peers: readonly { readonly peerId: string }[]
  readonly [field: string]: unknown
}

const KEY = 'a-key-of-more-than-16-characters'

test('a bridge with an admin API: a ban by HTTP drops a live peer; bans are imported and exported; the status is whole', async () => {
  const [one, other, [port]] = await Promise.all([createNode(), createNode(), freePorts(1)])
  const admin = { ADMIN_LISTEN_ADDRESS: `127.0.0.1:${port}`, ADMIN_API_KEY: KEY }
  await startBridge(other)
  await startBridge(one, { ...admin, P2P_STATIC_PEERS: other.multiaddr })
  const ask = async (method: string, path: string, body?: object) => {
    const sent = body ? { body: JSON.stringify(body) } : {}
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { 'x-api-key': KEY, connection: 'close' }, ...sent })
    return { status: response.status, body: (await response.json()) as Answer }
  }
  const peerIds = async () => (await ask('GET', '/v1/peers')).body.peers.map(({ peerId }) => peerId)
  await eventually(async () => expect(await peerIds()).toEqual([other.peerId]))
  expect((await ask('GET', '/v1/status')).body).toMatchObject({
    bridgeId: one.name,
    ready: true,
    peers: { total: 1, list: [{ peerId: other.peerId, direction: 'outbound', isOfSettings: true, isSibling: false }] },
    bans: { total: 0, list: [] },
    peerId: one.peerId,
    instances: [{ instanceId: expect.any(String), peerId: one.peerId, isOwn: true }],
  })

  expect((await ask('POST', '/v1/bans', { key: other.peerId, reason: 'test' })).body).toMatchObject({ changed: true })
  await eventually(async () => expect(await peerIds()).toEqual([]), { timeoutMs: 2000 })
  expect(await ask('POST', '/v1/peers', { address: other.multiaddr })).toMatchObject({
    status: 502,
    body: { error: expect.stringContaining('banned') },
  })

  const run = async (words: string[], input = '') => {
    const host = createFakeHost({ ...one.environment, ...admin }, {}, input)
    return { code: await runProgram(words, host), out: host.out(), err: host.err() }
  }
  const list = '203.0.113.7 permanent # spam\n10.1.2.3/8\n'
  expect(await run(['bans', 'import', '-'], list)).toMatchObject({ code: 0, out: '2 entries: 2 banned, 0 were in force already.\n' })
  await eventually(async () => {
    const { out } = await run(['bans', 'export'])
    for (const line of ['203.0.113.7 permanent # spam', '10.0.0.0/8 2', `${other.peerId} 2`]) expect(out).toContain(line)
  })
  expect((await run(['bans', 'export', '--format', 'bitcoin'])).out).toContain('"address": "203.0.113.7/32"')
  expect(await run(['bans', 'import', '-'], 'example.org\n')).toMatchObject({ code: 1, err: expect.stringContaining('line 1') })
  expect((await run(['peers', 'list'])).err).toBe('No peer is connected.\n')
})
