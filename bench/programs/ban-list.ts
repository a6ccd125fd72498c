import { randomBytes } from 'node:crypto'
import type { BanSubject } from '../../src/bans/ban.ts'
import { BanList } from '../../src/bans/ban-list.ts'
import { ephemeralIdentity } from '../../src/identity/key.ts'
import { parent } from '../support/parent.ts'

export interface BanListOptions {
  readonly entries: number
  readonly checks: number
  readonly rounds: number
}

/** Microseconds of one check, in each round. */
export type BanListTimes = Readonly<Record<'peerId' | 'ipv4' | 'ipv6', readonly number[]>>

const KINDS = ['peerId', 'ipv4', 'ipv6'] as const

// No network and no database: a full list, and subjects of which half are banned.
const { options, tell } = await parent<BanListOptions>()
/** None of the ranges that stand for the machine itself. */
const ipv4 = () => [11 + ((randomBytes(1)[0] ?? 0) % 89), ...randomBytes(3)].join('.')
const ipv6 = () => `2001:db8:${randomBytes(6).toString('hex').replace(/..../g, '$&:').slice(0, -1)}::1`
const peers = await Promise.all(Array.from({ length: 500 }, async () => (await ephemeralIdentity()).peerId))
const banned = { peerId: peers.slice(0, 250), ipv4: many(ipv4, options.entries / 2), ipv6: many(ipv6, options.entries / 2) }
const list = new BanList({ maxEntries: options.entries + peers.length })
for (const key of Object.values(banned).flat()) list.add({ key, until: null, reason: '', since: 0, cause: '' })

const subjects: Record<(typeof KINDS)[number], BanSubject[]> = {
  peerId: peers.map((peerId) => ({ peerId, address: null })),
  ipv4: [...banned.ipv4.slice(0, 500), ...many(ipv4, 500)].map((address) => ({ peerId: null, address })),
  ipv6: [...banned.ipv6.slice(0, 500), ...many(ipv6, 500)].map((address) => ({ peerId: null, address })),
}
for (const [kind, asked] of Object.entries(subjects)) {
  const found = asked.filter((subject) => list.find(subject, 1)).length
  if (found < asked.length / 2) throw new Error(`of ${asked.length} subjects by ${kind} only ${found} are banned`)
}
const times = Object.fromEntries(KINDS.map((kind) => [kind, Array.from({ length: options.rounds }, () => checkAll(subjects[kind]))]))
tell('times', times)

function many(make: () => string, count: number): string[] {
  return Array.from({ length: count }, make)
}

function checkAll(asked: readonly BanSubject[]): number {
  const startedAt = performance.now()
  for (let n = 0; n < options.checks; n++) list.find(asked[n % asked.length] ?? {}, 1)
  return ((performance.now() - startedAt) * 1000) / options.checks
}
