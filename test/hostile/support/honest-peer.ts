import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { FeedClient } from '../../integration/websocket/feed-client.ts'
import type { NodeEnvironment } from '../../support/bridge/node-environment.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'
import { RawPeer } from '../attacker/raw-peer.ts'

export interface Sample {
  readonly sent: number
  readonly missing: number
  readonly p50: number
  readonly p99: number
}

const PER_SECOND = 20
const ARRIVES_WITHIN_MS = 10_000

/**
 * An honest peer beside the attack: it announces blocks at an even rate, and a browser of the bridge, which wants nothing else, notes when
 * each arrives. It verifies nothing of what it hears, so that an attack that is passed on does not make the test itself slow.
 */
export async function startHonestPeer(node: NodeEnvironment, topic: string) {
  const peer = await RawPeer.create()
  const sentAt = new Map<string, number>()
  const took: number[] = []
  const browser = await FeedClient.live(`${node.httpUrl.replace('http', 'ws')}/p2p-ws`, { types: ['block'] })
  browser.socket.on('message', (data: Buffer) => {
    const hash = /"hash":"([0-9a-f]{64})"/.exec(data.toString())?.[1] ?? ''
    const at = sentAt.get(hash)
    if (at === undefined) return
    sentAt.delete(hash)
    took.push(performance.now() - at)
  })
  await peer.join(node.multiaddr, [topic])
  const { connection } = peer
  onEnd(() => peer.stop())

  async function publish(): Promise<void> {
    const hash = randomBytes(32).toString('hex')
    sentAt.set(hash, performance.now())
    const fields = { Hash: hash, Height: 1, DataHubURL: 'http://honest.example:8090/api/v1', PeerID: peer.peerId }
    await peer.publish(topic, Buffer.from(JSON.stringify(fields)))
  }

  return {
    peerId: peer.peerId,
    /** Still the one connection that it began with. */
    isUndisturbed: () => connection.status === 'open',
    /** Announces for some time; how many did not arrive, and how long the others took. */
    async announce(ms: number): Promise<Sample> {
      took.length = 0
      sentAt.clear()
      let sent = 0
      const startedAt = performance.now()
      while (performance.now() - startedAt < ms) {
        await publish()
        sent += 1
        await pause(Math.max(0, startedAt + (sent * 1000) / PER_SECOND - performance.now()))
      }
      await eventually(() => sentAt.size === 0, { timeoutMs: ARRIVES_WITHIN_MS }).catch(() => {})
      const sorted = [...took].sort((a, b) => a - b)
      const percentile = (share: number) =>
        sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.POSITIVE_INFINITY
      return { sent, missing: sentAt.size, p50: percentile(0.5), p99: percentile(0.99) }
    },
  }
}

export type HonestPeer = Awaited<ReturnType<typeof startHonestPeer>>
