import { expect, onTestFinished, test } from 'vitest'
import { blockTopic, bytes, startHost } from '../integration/gossip/start-host.ts'
import { eventually } from '../support/eventually.ts'
import type { PeerKind } from './build/build-peers.ts'
import { builtKinds, type Peer, startPeer } from './start-peer.ts'

const BURST = { do: 'burst', topic: blockTopic, count: 200, bytes: 450, inMs: 300 } as const

/** The numbers that the messages of a burst begin with. */
const numberOf = (data: Uint8Array) => Number.parseInt(Buffer.from(data).toString(), 10)
const numbersAt = (peer: Peer) => peer.received(blockTopic).map(numberOf)
const textsAt = (peer: Peer) => peer.received(blockTopic).map((data) => data.toString())

/** A newcomer is owed what we took in the three seconds before it came; on a busy machine it may come later than that. */
const SURELY_OWED_MS = 1000

/** py-libp2p drops more than ten messages a second, its own too. */
const canBurst = (kind: PeerKind) => kind !== 'python'

/** To rust peers only: a Go peer drops by itself what exceeds 32 messages at once, the more of them the busier the machine is. */
const PAIRS = builtKinds.filter(canBurst).flatMap((from) => builtKinds.filter((to) => to === 'rust').map((to) => ({ from, to })))

test('at least one implementation was built', () => {
  expect(builtKinds).not.toEqual([])
})

/** When each number was first seen, looked at every ten milliseconds. */
function timesOf(numbers: () => readonly number[]): ReadonlyMap<number, number> {
  const times = new Map<number, number>()
  const timer = setInterval(() => {
    for (const number of numbers()) if (!times.has(number)) times.set(number, performance.now())
  }, 10)
  onTestFinished(() => clearInterval(timer))
  return times
}

for (const { from, to } of PAIRS) {
  test(`a burst of a ${from} peer passes us whole to a ${to} peer that comes in the middle of it, and so do our own messages afterwards`, async () => {
    const host = await startHost()
    const [sender, receiver] = [await startPeer(from, [blockTopic]), await startPeer(to, [blockTopic])]
    await sender.run({ do: 'connect', address: host.address() })
    await eventually(() => sender.subscriptions(blockTopic, host.peerId) >= 1 && host.subscribers(blockTopic).includes(sender.peerId))
    const heardAt = timesOf(() => host.heard.map(({ data }) => numberOf(data)))
    const burst = sender.run(BURST)
    await eventually(() => heardAt.size > 0, { intervalMs: 1 })
    await receiver.run({ do: 'connect', address: host.address() })
    await eventually(() => host.subscribers(blockTopic).includes(receiver.peerId), { intervalMs: 1 })
    const cameAt = performance.now()
    await burst
    await eventually(() => expect(heardAt.size).toBe(BURST.count))
    const owed = [...heardAt].filter(([, at]) => at > cameAt - SURELY_OWED_MS).map(([number]) => number)
    await eventually(() => expect(numbersAt(receiver)).toEqual(expect.arrayContaining(owed)), { timeoutMs: 30_000 })

    const own = Array.from({ length: 20 }, (_, i) => `own ${i}`)
    for (const text of own) await host.publish(blockTopic, bytes(text), { priority: 'high' })
    await eventually(() => expect(textsAt(receiver)).toEqual(expect.arrayContaining(own)))
  })
}
