import { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { expect, test } from 'vitest'
import { keepIdsWithin, splitRpc } from '../../../../src/gossip/router/split-rpc.ts'
import { fc } from '../../../support/properties.ts'

const limits = { rpcBytes: 2000, controlBytes: 500 }
const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
const text = fc.string({ maxLength: 60 })
const ids = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 60 })

const message = fc.record({
  from: bytes(40),
  data: bytes(900),
  seqno: bytes(8),
  topic: text,
  signature: bytes(70),
  key: bytes(40),
})

const rpc: fc.Arbitrary<RPC> = fc
  .record({
    subscriptions: fc.array(fc.record({ subscribe: fc.boolean(), topic: text }), { maxLength: 20 }),
    messages: fc.array(message, { maxLength: 10 }),
    control: fc.option(
      fc.record({
        graft: fc.array(fc.record({ topicID: text }), { maxLength: 10 }),
        prune: fc.array(fc.record({ topicID: text, peers: fc.constant<RPC.PeerInfo[]>([]), backoff: fc.constant(60) }), { maxLength: 10 }),
        ihave: fc.array(fc.record({ topicID: text, messageIDs: ids }), { maxLength: 4 }),
        iwant: fc.array(fc.record({ messageIDs: ids }), { maxLength: 3 }),
        idontwant: fc.array(fc.record({ messageIDs: ids }), { maxLength: 3 }),
      }),
      { nil: undefined },
    ),
  })
  .map(({ control, ...rest }) => (control === undefined ? rest : { ...rest, control }))

/** What an RPC says, item by item, whatever lists the ids stand in. */
function said({ subscriptions, messages, control }: RPC) {
  return {
    subscriptions,
    messages,
    graft: control?.graft ?? [],
    prune: control?.prune ?? [],
    ihave: (control?.ihave ?? []).flatMap(({ topicID, messageIDs }) => messageIDs.map((id) => [topicID, id])),
    iwant: (control?.iwant ?? []).flatMap(({ messageIDs }) => messageIDs),
    idontwant: (control?.idontwant ?? []).flatMap(({ messageIDs }) => messageIDs),
  }
}

test('every part stays within the limits as encoded, and together they say the same in the same order', () => {
  fc.assert(
    fc.property(rpc, (whole) => {
      const parts = splitRpc(whole, limits)
      for (const part of parts) {
        expect(RPC.encode(part).byteLength).toBeLessThanOrEqual(limits.rpcBytes)
        expect(RPC.encode({ ...part, messages: [] }).byteLength).toBeLessThanOrEqual(limits.controlBytes)
      }
      const all = parts.map(said)
      const kinds = ['subscriptions', 'messages', 'graft', 'prune', 'ihave', 'iwant', 'idontwant'] as const
      for (const kind of kinds) expect(all.flatMap((part) => part[kind] as unknown[])).toEqual(said(whole)[kind])
    }),
  )
})

test('what fits stays together in one RPC', () => {
  const messages = Array.from({ length: 3 }, () => ({ topic: 't', data: new Uint8Array(100) }))
  const control = {
    ihave: [{ topicID: 't', messageIDs: [new Uint8Array(40)] }],
    iwant: [],
    graft: [{ topicID: 't' }],
    prune: [],
    idontwant: [],
  }
  expect(splitRpc({ subscriptions: [], messages, control }, limits)).toHaveLength(1)
})

test('a message above the limit goes alone', () => {
  const messages = [100, 3000, 100].map((length) => ({ topic: 't', data: new Uint8Array(length) }))
  const parts = splitRpc({ subscriptions: [], messages }, limits)
  expect(parts.map((part) => part.messages.length)).toEqual([1, 1, 1])
})

test('an RPC that says nothing is not sent', () => {
  expect(splitRpc({ subscriptions: [], messages: [] }, limits)).toEqual([])
})

test('ids beyond the bound are left out of the lists, the last ones first', () => {
  const list = (count: number) => ({ messageIDs: Array.from({ length: count }, () => new Uint8Array(38)) })
  const lists = [list(5), list(5), list(5)]
  keepIdsWithin(lists, 8 * 40)
  expect(lists.map(({ messageIDs }) => messageIDs.length)).toEqual([5, 3, 0])
})
