import { expect, test } from 'vitest'
import { blockTopic, bytes, startHost } from '../integration/gossip/start-host.ts'
import { eventually } from '../support/eventually.ts'
import type { PeerKind } from './build/build-peers.ts'
import { builtKinds, type Peer, startPeer } from './start-peer.ts'

const BURST = { do: 'burst', topic: blockTopic, count: 200, bytes: 450, inMs: 300 } as const

/** The numbers that the messages of a burst begin with. */
const numbersAt = (peer: Peer) => new Set(peer.received(blockTopic).map((data) => Number.parseInt(data.toString(), 10))).size
const textsAt = (peer: Peer) => peer.received(blockTopic).map((data) => data.toString())

/** py-libp2p drops more than ten messages a second, its own too. */
const canBurst = (kind: PeerKind) => kind !== 'python'

/** To rust peers only: a Go peer drops by itself what exceeds 32 messages at once, the more of them the busier the machine is. */
const PAIRS = builtKinds.filter(canBurst).flatMap((from) => builtKinds.filter((to) => to === 'rust').map((to) => ({ from, to })))

test('at least one implementation was built', () => {
  expect(builtKinds).not.toEqual([])
})

for (const { from, to } of PAIRS) {
  test(`a burst of a ${from} peer passes us whole to a ${to} peer that comes in the middle of it, and so do our own messages afterwards`, async () => {
    const host = await startHost()
    const [sender, receiver] = [await startPeer(from, [blockTopic]), await startPeer(to, [blockTopic])]
    await sender.run({ do: 'connect', address: host.address() })
    await eventually(() => sender.subscriptions(blockTopic, host.peerId) >= 1 && host.subscribers(blockTopic).includes(sender.peerId))
    const burst = sender.run(BURST)
    await eventually(() => host.heard.length > 0, { intervalMs: 1 })
    await receiver.run({ do: 'connect', address: host.address() })
    await burst
    await eventually(() => expect(new Set(host.heard.map(({ data }) => Buffer.from(data).toString())).size).toBe(BURST.count))
    await eventually(() => expect(numbersAt(receiver)).toBe(BURST.count), { timeoutMs: 30_000 })

    const own = Array.from({ length: 20 }, (_, i) => `own ${i}`)
    for (const text of own) await host.publish(blockTopic, bytes(text), { priority: 'high' })
    await eventually(() => expect(textsAt(receiver)).toEqual(expect.arrayContaining(own)))
  })
}
