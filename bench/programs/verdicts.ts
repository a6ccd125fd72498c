import '../../src/lifecycle/promise-with-resolvers.ts'
import { randomUUID } from 'node:crypto'
import { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { peerIdFromString } from '@libp2p/peer-id'
import { createWireFormats } from '../../src/app/wire-formats.ts'
import { readSettings } from '../../src/config/reading/read-settings.ts'
import { createNode } from '../../src/gossip/node/node.ts'
import { verifyWithSodium } from '../../src/gossip/node/signatures.ts'
import { ephemeralIdentity } from '../../src/identity/key.ts'
import type { Identity } from '../../src/identity/ports.ts'
import { type HeardMessage, judgeGossip } from '../../src/messages/judge-gossip.ts'
import { GossipOffences } from '../../src/scores/gossip-offences.ts'
import { block, subtree } from '../support/announcements.ts'
import { benchSchemas } from '../support/codec.ts'
import { parent } from '../support/parent.ts'

export interface VerdictsOptions {
  readonly messages: number
  readonly rounds: number
}

export interface VerdictRates {
  /** Verdicts per second behind the signature, in each round. */
  readonly judged: readonly number[]
  /** Microseconds of a message from its bytes on, in each round. */
  readonly acceptedUs: readonly number[]
  readonly refusedUs: readonly number[]
  /** Of a message whose content breaks a rule; and what the bookkeeping of scores adds to it. */
  readonly violatingUs: readonly number[]
  readonly bookkeepingUs: readonly number[]
}

const SIGN_PREFIX = Buffer.from('libp2p-pubsub:')
const TOPIC = 'bitcoin/regtest-subtree'
const BAD_CONTENT = Buffer.from('{"Hash":"xyz"}')
/** As many as send at once in a flood of the network. */
const VIOLATORS = 100

// No network and no Kafka: signed bytes in, verdicts out.
const { options, tell } = await parent<VerdictsOptions>()
await verifyWithSodium()
const { settings } = readSettings(
  { environment: { NETWORK: 'regtest', CLIENTNAME: 'bench' } },
  { readFile: () => '', generateId: randomUUID },
)
const formats = createWireFormats(settings, { schemas: benchSchemas() })
const { gossipRules: rules } = formats
const judge = judgeGossip({
  typeOf: formats.gossipTopics.kindOf,
  maxBytes: rules.maxBytes,
  mayAnnounce: () => true,
  admit: () => true,
  decode: rules.decode,
  refusalReason: rules.refusalReason,
  isScored: rules.isScored,
  isBanned: () => false,
  headerFault: rules.headerFault,
  isSibling: () => false,
  eventId: formats.announcementId,
  isSeen: () => false,
})
const signer = await ephemeralIdentity()

/** As on the network: nine subtrees for each block. */
function heard(): HeardMessage[] {
  return Array.from({ length: options.messages }, (_, index) => {
    const announcement = index % 10 === 0 ? block(index) : subtree()
    const data = formats.dialect.encode(announcement, signer.peerId) ?? new Uint8Array()
    const topic = formats.gossipTopics.nameOf[announcement.type]
    return { topic, data, signer: signer.peerId, sequenceNumber: BigInt(index), hop: signer.peerId, hopAddress: '203.0.113.7' }
  })
}

function judgedPerSecond(messages: readonly HeardMessage[]): number {
  const startedAt = performance.now()
  for (const message of messages) if (judge(message).verdict !== 'accept') throw new Error('a good message was not accepted')
  return (messages.length * 1000) / (performance.now() - startedAt)
}

/** Signed messages, each in an RPC of its own. `isGood`: otherwise the content breaks a rule. */
async function signedRpcs({ privateKey, peerId }: Identity, isGood: boolean): Promise<Uint8Array[]> {
  const from = privateKey.publicKey.toMultihash().bytes
  const rpcs: Uint8Array[] = []
  for (let index = 0; index < options.messages; index++) {
    const seqno = Buffer.alloc(8)
    seqno.writeBigUInt64BE(BigInt(Date.now()) * 1_000_000n + BigInt(index))
    const unsigned = { from, seqno, topic: TOPIC, data: (isGood ? formats.dialect.encode(subtree(), peerId) : undefined) ?? BAD_CONTENT }
    const signature = await privateKey.sign(Buffer.concat([SIGN_PREFIX, RPC.Message.encode(unsigned)]))
    rpcs.push(RPC.encode({ subscriptions: [], messages: [{ ...unsigned, signature }] }))
  }
  return rpcs
}

/** The router with our checks, from the bytes of an RPC to the verdict. A refused message is above the rate. */
async function microseconds(rpcs: readonly Uint8Array[], isRefused: boolean): Promise<number> {
  const guard = {
    rate: { messagesPerSecond: 0 },
    refuse: () => (isRefused ? ('over-rate' as const) : undefined),
    onRefused: () => {},
    onOffence: () => {},
    now: () => performance.now(),
    signal: new AbortController().signal,
  }
  const node = await createNode(
    {
      identity: await ephemeralIdentity(),
      topics: [TOPIC],
      listen: [],
      announce: [],
      maxConnections: 1,
      maxConnectionsPerSecondAndAddress: 1,
      userAgent: 'bench',
    },
    { connectionGater: {}, guard },
  )
  const { pubsub } = node.services
  pubsub.topicValidators.set(TOPIC, (_, message) => {
    if (message.type !== 'signed') throw new Error('not signed')
    const { topic, data, sequenceNumber } = message
    judge({ topic, data, signer: signer.peerId, sequenceNumber, hop: signer.peerId, hopAddress: '203.0.113.7' })
    return 'accept' as never
  })
  const hop = peerIdFromString(signer.peerId)
  const startedAt = performance.now()
  for (const bytes of rpcs) {
    for (const message of pubsub.decodeRpc(bytes).messages) {
      const { code } = await pubsub.validateReceivedMessage(hop, message)
      if (code !== (isRefused ? 'duplicate' : 'valid')) throw new Error(`a message became ${code}`)
    }
  }
  return ((performance.now() - startedAt) * 1000) / rpcs.length
}

/** One charge a second and signer goes to the database, which is not the messages' cost. */
async function bookkeepingUs(): Promise<number> {
  let noticed = 0
  const notice = (count: number) => {
    noticed += count
  }
  const offences = new GossipOffences({
    charge: async ({ length }) => notice(length),
    lost: (_, count) => notice(count),
    now: Date.now,
  })
  const startedAt = performance.now()
  for (let index = 0; index < options.messages; index++) {
    offences.violated({ topic: TOPIC, signer: violators[index % VIOLATORS] ?? '', sequenceNumber: BigInt(index) }, 'hash')
  }
  const us = ((performance.now() - startedAt) * 1000) / options.messages
  await offences.stop()
  if (noticed === 0) throw new Error('no offence was noticed')
  return us
}

const violators = await Promise.all(Array.from({ length: VIOLATORS }, async () => (await ephemeralIdentity()).peerId))
const messages = heard()
const rpcs = await signedRpcs(signer, true)
const badRpcs = await signedRpcs(signer, false)
const rates = {
  judged: [] as number[],
  acceptedUs: [] as number[],
  refusedUs: [] as number[],
  violatingUs: [] as number[],
  bookkeepingUs: [] as number[],
}
const bad = { ...messages[0], topic: TOPIC, data: BAD_CONTENT } as HeardMessage
if (judge(bad).verdict === 'accept') throw new Error('content that breaks a rule was accepted')
judgedPerSecond(messages) // the compiler's warm-up
for (let round = 0; round < options.rounds; round++) {
  rates.judged.push(judgedPerSecond(messages))
  rates.acceptedUs.push(await microseconds(rpcs, false))
  rates.refusedUs.push(await microseconds(rpcs, true))
  rates.violatingUs.push(await microseconds(badRpcs, false))
  rates.bookkeepingUs.push(await bookkeepingUs())
}
tell('rates', rates satisfies VerdictRates)
