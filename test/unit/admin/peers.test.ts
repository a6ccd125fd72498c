import { expect, test } from 'vitest'
import { PEER, startApi } from './start-api.ts'

const OTHER = '12D3KooWAosYQ9RXP7BtDqxyge1DKo2MEccGKooDuskU6hZ7CG63'
const ADDRESS = `/ip4/203.0.113.8/tcp/9905/p2p/${OTHER}`

test('peers are listed and shown', async () => {
  const { ask } = await startApi()
  const peer = { peerId: PEER, address: '203.0.113.7', direction: 'outbound', isOfSettings: true, isSibling: false, topics: ['a', 'b'] }
  expect((await ask('GET', '/v1/peers')).body).toMatchObject({ peers: [{ ...peer, connectedAt: '2023-11-14T22:13:20.000Z' }] })
  expect((await ask('GET', `/v1/peers/${PEER}`)).body).toMatchObject(peer)
  expect((await ask('GET', `/v1/peers/${OTHER}`)).status).toBe(404)
})

test('a peer is disconnected, and the answer says whether it comes back', async () => {
  const { ask, lines } = await startApi()
  const answer = await ask('DELETE', `/v1/peers/${PEER}`)
  expect(answer.body).toMatchObject({ changed: true, sentence: expect.stringContaining('dialled again') })
  expect((await ask('DELETE', `/v1/peers/${PEER}`)).status).toBe(404)
  expect(lines.filter(({ action }) => action === 'disconnect')).toMatchObject([{ door: 'http', peerId: PEER, changed: true }])
})

test('a peer is dialled', async () => {
  const { ask, dialled } = await startApi()
  expect((await ask('POST', '/v1/peers', { body: { address: ADDRESS } })).body).toMatchObject({ peerId: OTHER, changed: true })
  expect((await ask('POST', '/v1/peers', { body: { address: ADDRESS.replace(OTHER, PEER) } })).body).toMatchObject({ changed: false })
  expect(dialled).toEqual([ADDRESS])
})

test('a dial that fails says why', async () => {
  const { ask } = await startApi({ failure: 'wrong-peer' })
  expect(await ask('POST', '/v1/peers', { body: { address: ADDRESS } })).toMatchObject({
    status: 502,
    body: { error: expect.stringContaining('another peer answers') },
  })
})

test.each([
  '203.0.113.8',
  '/ip4/203.0.113.8/tcp/9905',
  '/dnsaddr/example.org',
  `/ip4/203.0.113.8/udp/1/quic/p2p/${OTHER}`,
  'x'.repeat(600),
])('the address %s is refused', async (address) => {
  const { ask, dialled } = await startApi()
  expect((await ask('POST', '/v1/peers', { body: { address } })).status).toBe(400)
  expect(dialled).toEqual([])
})

test('changes of peers need the key', async () => {
  const { ask } = await startApi()
  expect((await ask('DELETE', `/v1/peers/${PEER}`, { headers: {} })).status).toBe(401)
  expect((await ask('POST', '/v1/peers', { body: { address: ADDRESS }, headers: {} })).status).toBe(401)
})
