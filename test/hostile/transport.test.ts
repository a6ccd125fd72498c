import { connect } from 'node:net'
import { expect, test } from 'vitest'
import {
  blockTopic,
  bytes,
  metric,
  rejectedTopic,
  startHost,
  type TestHost,
  type TestHostOptions,
  textsOf,
} from '../integration/gossip/start-host.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { RawPeer, streamsEndedAtOnce, YAMUX, yamuxHeader } from './attacker/raw-peer.ts'

/** A host, an attacker that is connected to it, and an honest neighbour. */
async function start(options: TestHostOptions = {}) {
  const host = await startHost(options)
  return { host, attacker: await join(host), honest: await join(host) }
}

async function join(host: TestHost): Promise<RawPeer> {
  const peer = await RawPeer.create()
  onEnd(() => peer.stop())
  await peer.join(host.address(), [blockTopic, rejectedTopic])
  await eventually(() => host.subscribers(blockTopic).includes(peer.peerId))
  return peer
}

const refused = (host: TestHost, reason: string) => metric(host, `bridge_gossip_refused_total{reason="${reason}"}`)

async function expectHeard(host: TestHost, peer: RawPeer): Promise<void> {
  await peer.publish(blockTopic, bytes('still heard'))
  await eventually(() => textsOf(host).includes('still heard'))
}

test('a frame of 2 GiB is not waited for', async () => {
  const { host, attacker, honest } = await start()
  const part = Buffer.alloc(256 << 10)
  await attacker.sendFrames(yamuxHeader({ type: YAMUX.data, flags: YAMUX.syn, stream: 1001, length: 2 ** 31 }))
  let parts = 0
  for (; parts < 400 && attacker.isConnected; parts++) await attacker.sendFrames(part).catch(() => {})
  expect(parts).toBeLessThan(400) // 100 MiB: it was cut before
  expect(await refused(host, 'oversize-frame')).toBe(1)
  await expectHeard(host, honest)
})

test('who does not read the answers that it makes us send is cut', async () => {
  // Without pings of ours, so that a slow machine does not close the connection for those that are not answered.
  const { host, attacker, honest } = await start({ inboundRate: 0, timings: { pingIntervalMs: 600_000 } })
  const ping = yamuxHeader({ type: YAMUX.ping, flags: YAMUX.syn, stream: 0, length: 1 })
  const pings = Buffer.concat(Array.from({ length: 5000 }, () => ping))
  attacker.stopReading()
  // The kernels' buffers take some megabytes of the answers first.
  await eventually(
    async () => {
      await attacker.sendFrames(pings).catch(() => {})
      return (await refused(host, 'unread-answers')) === 1
    },
    { timeoutMs: 120_000 },
  )
  await expectHeard(host, honest)
})

test('frames for nothing are read at a pace, and the connection stays', async () => {
  const { host, attacker, honest } = await start({ inboundRate: 500 })
  const frame = yamuxHeader({ type: YAMUX.windowUpdate, flags: 0, stream: 5001, length: 1 })
  await attacker.sendFrames(Buffer.concat(Array.from({ length: 30_000 }, () => frame)))
  await eventually(async () => (await refused(host, 'slowed-down')) > 0)
  await expectHeard(host, honest)
  await attacker.publish(blockTopic, bytes('after the frames'))
  await eventually(() => textsOf(host).includes('after the frames'), { timeoutMs: 60_000 })
})

test('streams that are ended at once are refused above a rate, and in the end the connection', async () => {
  const { host, attacker, honest } = await start()
  await attacker.sendFrames(streamsEndedAtOnce(1001, 2000))
  await eventually(() => !attacker.isConnected)
  expect(await refused(host, 'too-many-streams')).toBe(500)
  await expectHeard(host, honest)
})

const PROPOSALS = Buffer.from('\u0001\n'.repeat(30_000))

test('a stream that proposes protocols without end is ended, and the connection stays', async () => {
  const { host, attacker } = await start()
  const stream = await attacker.createStream()
  stream.send(PROPOSALS)
  await eventually(async () => (await refused(host, 'endless-negotiation')) === 1)
  await eventually(() => stream.status !== 'open')
  await expectHeard(host, attacker)
})

test('so is a connection that does it before it is encrypted', async () => {
  const { host, honest } = await start()
  const socket = connect({ port: Number(host.address().split('/')[4]), host: '127.0.0.1' })
  onEnd(async () => void socket.destroy())
  socket.on('error', () => {}).write(PROPOSALS)
  await eventually(() => socket.destroyed)
  expect(await refused(host, 'endless-negotiation')).toBe(1)
  await expectHeard(host, honest)
})
