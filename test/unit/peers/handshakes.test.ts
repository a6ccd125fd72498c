import { expect, test } from 'vitest'
import { decodeHandshake, type Handshake } from '../../../src/messages/dialects/handshake.ts'
import { Handshakes, type HandshakesDeps, type HandshakesOptions } from '../../../src/peers/handshakes.ts'
import { createTestClock } from '../../support/test-clock.ts'

const rules = { allowPrivateUrls: true }
const hash = 'ab'.repeat(32)
const theirs: Handshake = {
  type: 'version',
  peerId: 'them',
  bestHeight: 10,
  bestHash: hash,
  dataHubUrl: 'http://them.example',
  userAgent: 'x',
  services: 0n,
  topicPrefix: 'bitcoin/regtest',
}

function start(deps: Partial<HandshakesDeps> = {}, options: Partial<HandshakesOptions> = {}) {
  const clock = createTestClock()
  const sent: { to: string; data: Uint8Array }[] = []
  const published: [string, Uint8Array][] = []
  const ahead: [string, object][] = []
  const counted: string[] = []
  const handshakes = new Handshakes(
    {
      ownPeerId: 'self',
      dataHubUrl: 'http://own.example',
      userAgent: 'teranode/bitcoin/1.0.0',
      topicPrefix: 'bitcoin/regtest',
      publishEachMs: 20,
      ...options,
    },
    {
      ownBest: () => ({ hash: 'cd'.repeat(32), height: 5 }),
      isSibling: (peerId) => peerId === 'sibling',
      isBanned: (peerId) => peerId === 'banned',
      send: async (to, data) => void sent.push({ to, data }),
      publish: async (kind, data) => void published.push([kind, data]),
      encodeBestBlock: () => Buffer.from('a block'),
      onAhead: (peerId, block) => ahead.push([peerId, block]),
      count: (outcome) => counted.push(outcome),
      clock,
      signal: new AbortController().signal,
      ...deps,
    },
  )
  const hear = (handshake: Partial<Handshake>, peerId = 'them') =>
    handshakes.heard({ kind: 'handshake', handshake: { ...theirs, ...handshake } }, peerId)
  return { handshakes, hear, clock, sent, published, ahead, counted }
}

test('sends version with the own best block to a peer that has just subscribed, on a direct stream', async () => {
  const { handshakes, sent, published } = start()
  await handshakes.subscribed('them')
  expect(sent.map(({ to }) => to)).toEqual(['them'])
  expect(Buffer.from(sent[0]?.data ?? []).toString()).toBe(
    `{"type":"version","peerID":"self","bestHeight":5,"bestHash":"${'cd'.repeat(32)}","dataHubURL":"http://own.example",` +
      '"userAgent":"teranode/bitcoin/1.0.0","services":0,"topicPrefix":"bitcoin/regtest"}',
  )
  expect(published).toEqual([])
})

test('a silent node says nothing, and still hears who is ahead', async () => {
  const { handshakes, hear, sent, published, ahead } = start({}, { listenMode: 'silent' })
  await handshakes.subscribed('them')
  await hear({})
  await handshakes.heard({ kind: 'best-block' }, 'them')
  await handshakes.askBestBlock()
  expect([sent, published]).toEqual([[], []])
  expect(ahead).toHaveLength(1)
})

test('a node that only listens tells no URL, and answers no request for its best block', async () => {
  const { handshakes, hear, sent } = start({}, { listenMode: 'listen_only' })
  await handshakes.subscribed('them')
  await hear({})
  await handshakes.heard({ kind: 'best-block' }, 'them')
  const said = sent.map(({ data }) => decodeHandshake(data, rules))
  expect(said).toMatchObject([
    { type: 'version', dataHubUrl: '', bestHeight: 5 },
    { type: 'verack', dataHubUrl: '' },
  ])
})

test('says that its best block is unknown', async () => {
  const { handshakes, sent } = start({ ownBest: () => undefined })
  await handshakes.subscribed('them')
  expect(decodeHandshake(sent[0]?.data ?? new Uint8Array(), rules)).toMatchObject({ bestHeight: 0, bestHash: null })
})

test('publishes version once for all peers that come together and take no direct stream', async () => {
  const { handshakes, published, clock } = start({ send: () => Promise.reject(new Error('unsupported protocol')) })
  const together = () => Promise.all(Array.from({ length: 50 }, (_, peer) => handshakes.subscribed(`peer ${peer}`)))
  await together()
  expect(published).toHaveLength(1)
  await together() // later, and within the pause: they have not heard the first one
  expect(published).toHaveLength(2)
  clock.pass(1000)
  await handshakes.subscribed('late')
  expect(published).toHaveLength(3)
})

test('answers version with verack to its author, in the form of its era', async () => {
  for (const topicPrefix of ['bitcoin/regtest', null]) {
    const { hear, sent } = start()
    await hear({ topicPrefix })
    expect(sent).toHaveLength(1)
    expect(sent[0]?.to).toBe('them')
    expect(decodeHandshake(sent[0]?.data ?? new Uint8Array(), rules)).toMatchObject({
      type: 'verack',
      peerId: 'self',
      bestHeight: 5,
      topicPrefix,
    })
  }
})

test('does not answer verack', async () => {
  const { hear, sent, counted } = start()
  await hear({ type: 'verack' })
  expect(sent).toEqual([])
  expect(counted).toEqual(['heard', 'ahead'])
})

test.each([
  ['a greater height', {}, ['ahead']],
  ['an equal height', { bestHeight: 5 }, []],
  ['no hash', { bestHash: null }, []],
  ['no URL to fetch it from', { dataHubUrl: '' }, ['ahead-without-url']],
  ['another network', { topicPrefix: 'bitcoin/mainnet' }, ['other-network']],
])('a peer with %s', async (_, handshake, outcomes) => {
  const { hear, ahead, counted } = start()
  await hear({ type: 'verack', ...handshake })
  expect(counted.filter((outcome) => outcome !== 'heard')).toEqual(outcomes)
  expect(ahead).toEqual(outcomes[0] === 'ahead' ? [['them', { hash, height: 10, dataHubUrl: 'http://them.example' }]] : [])
})

test('leaves out siblings, banned peers and itself', async () => {
  const { handshakes, hear, sent, ahead, counted } = start()
  for (const peer of ['sibling', 'banned']) await handshakes.subscribed(peer)
  for (const peer of ['sibling', 'banned', 'self']) await hear({}, peer)
  expect([sent, ahead, counted]).toEqual([[], [], []])
})

test('a peer that sends thousands is acted on a few times', async () => {
  const { hear, sent, clock, counted } = start()
  for (let at = 0; at < 1000; at++) await hear({ bestHash: at.toString(16).padStart(64, '0') })
  expect(sent).toHaveLength(5)
  expect(counted.filter((outcome) => outcome === 'too-often')).toHaveLength(995)
  clock.pass(5000)
  await hear({})
  expect(sent).toHaveLength(6)
})

test('answers a request for the best block to its author', async () => {
  const { handshakes, sent } = start()
  await handshakes.heard({ kind: 'best-block' }, 'them')
  expect(sent).toEqual([{ to: 'them', data: Buffer.from('a block') }])
})

test('asks for the best block by its own peer id', async () => {
  const { handshakes, published } = start()
  await handshakes.askBestBlock()
  expect(published.map(([kind, data]) => [kind, Buffer.from(data).toString()])).toEqual([['best-block', '{"PeerID":"self"}']])
})
