import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { granted } from '../../support/granted.ts'
import type { Row } from './rows.ts'
import { growth, type Scrape, scrape } from './scrape.ts'
import { type Attacker, startAttacker } from './start-attacker.ts'
import { TOPICS, type World } from './world.ts'

/** For the table of the README each row takes longer, so that its percentiles mean something. */
const isForTable = process.env.HOSTILE_TABLE !== undefined
const QUIET_MS = isForTable ? 2500 : 1500
const ATTACK_MS = isForTable ? 5000 : 2500
/**
 * Below this nobody can tell an attack from a busy machine: the bridge, Kafka, the attacker and the test share its cores. Outside of the
 * table, which is made on a quiet machine, only a standstill fails.
 */
const FLOOR_MS = isForTable ? 150 : granted(1000)
const MAX_LOOP_MS = isForTable ? 100 : granted(500)
const MAX_GROWTH_MB = 150

export interface AttackOptions {
  readonly localAddress: string
  /** Whom the attacker connects to; the bridge by default. */
  readonly target?: string
  /** Done after the attack has begun and before it is measured. */
  readonly prepare?: (attacker: Attacker) => Promise<void>
}

/** Measures the honest peer without and with an attack, and checks what holds for every attack. Returns the counters that grew. */
export async function underAttack(world: World, row: Row, { localAddress, target, prepare }: AttackOptions): Promise<Map<string, number>> {
  const { bridge, honest, other, node, attackers } = world
  await scrape(bridge)
  const quiet = await honest.announce(QUIET_MS)
  const attacker = await startAttacker({
    attack: row.attack,
    target: target ?? node.multiaddr,
    honest: other.address,
    topics: TOPICS,
    localAddress,
  })
  await prepare?.(attacker)
  const before = await scrape(bridge)
  await pause(500)
  const attacked = await honest.announce(ATTACK_MS)
  const after = await scrape(bridge)
  const counts = await attacker.stop()
  const seen = seenOf(before, after)
  for (const peerId of attacker.peerIds()) attackers.add(peerId)
  world.figures.push({ row, quiet, attacked, after, before, seen, sent: counts.sent ?? 0 })

  expect(bridge.hasEnded()).toBe(false)
  expect(honest.isUndisturbed()).toBe(true)
  expect(counts.sent).toBeGreaterThan(0)
  expect(other.dials()).toBe(0)
  expect(attacked.missing).toBe(0)
  expect(attacked.p99).toBeLessThanOrEqual(Math.max(2 * quiet.p99, FLOOR_MS))
  expect(after.loopP99Ms).toBeLessThanOrEqual(Math.max(2 * before.loopP99Ms, MAX_LOOP_MS))
  expect(after.residentMb - before.residentMb).toBeLessThan(MAX_GROWTH_MB)
  for (const each of row.seenAs) expect([...seen.keys()]).toContain(each)
  expect(accused(world)).toEqual([])
  return seen
}

/** All counters of refusals and verdicts that grew. */
function seenOf(before: Scrape, after: Scrape): Map<string, number> {
  const named = (prefix: string, grown: Map<string, number>) => [...grown].map(([key, more]) => [`${prefix}:${key}`, more] as const)
  return new Map([
    ...named('refused', growth(before.refused, after.refused)),
    ...named('verdict', growth(before.verdicts, after.verdicts)),
    ...named('direct', growth(before.directStreams, after.directStreams)),
    ...named('banned', growth(before.bannedConnections, after.bannedConnections)),
  ])
}

/** Peers that the bridge cut or complained about and that are no attackers. */
function accused({ bridge, attackers }: World): string[] {
  const named = bridge.logs().flatMap(({ msg, peerId, latest }) => {
    if (msg.includes('kept out')) return [String(peerId)]
    const { peerId: last } = (latest ?? {}) as { peerId?: string }
    return msg === 'refused before a verdict, by reason' && last !== undefined ? [last] : []
  })
  return named.filter((peerId) => !attackers.has(peerId))
}
