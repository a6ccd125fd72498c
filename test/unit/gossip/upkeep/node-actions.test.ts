import type { Connection, PeerId } from '@libp2p/interface'
import { expect, test } from 'vitest'
import type { Router } from '../../../../src/gossip/router/router.ts'
import { reopenInTime } from '../../../../src/gossip/upkeep/node-actions.ts'

const peer = { toString: () => 'peer' } as PeerId

function nodeThat(openStream: () => Promise<void>) {
  const pubsub = { peers: new Map([['peer', peer]]), streamsOutbound: new Map(), openStream } as unknown as Router
  return { services: { pubsub } }
}

test('a peer that never answers is one for which another stream did not help, so that the watchdog reconnects', async () => {
  const node = nodeThat(() => new Promise(() => {}))
  expect(await reopenInTime(node, peer, {} as Connection, { dialTimeoutMs: 20 })).toBe(false)
})

test('other failures are told', async () => {
  const node = nodeThat(() => Promise.reject(new Error('a fault')))
  await expect(reopenInTime(node, peer, {} as Connection, { dialTimeoutMs: 1000 })).rejects.toThrow('a fault')
})
