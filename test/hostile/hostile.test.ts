import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics } from '../support/bridge/node-environment.ts'
import { type Figure, printFigures } from './support/figures.ts'
import { startHonestPeer } from './support/honest-peer.ts'
import { listenForDials } from './support/others-address.ts'
import { ROWS } from './support/rows.ts'
import { growth, type Scrape, scrape } from './support/scrape.ts'
import { buildAttacker, startAttacker } from './support/start-attacker.ts'

const TOPICS = {
  block: 'bitcoin/regtest-block',
  subtree: 'bitcoin/regtest-subtree',
  rejectedTx: 'bitcoin/regtest-rejected_tx',
  handshake: 'bitcoin/regtest-handshake',
}
const QUIET_MS = 2500
const ATTACK_MS = 5000
/** Below this nobody can tell an attack from a busy machine: the bridge, Kafka, the attacker and the test share its cores. */
const FLOOR_MS = 150
const MAX_LOOP_MS = 100
const MAX_GROWTH_MB = 150

const figures: Figure[] = []
const attackers = new Set<string>()

buildAttacker()
const node = await createNodeEnvironment()
await createNodeTopics(node)
const bridge = startBridgeProcess(node.environment)
await bridge.ready()
const honest = await startHonestPeer(node, TOPICS.block)
await honest.announce(1000)
const other = await listenForDials()

afterAll(() => printFigures(figures))

test.each(ROWS.map((row, index) => [row.name, row, index] as const))('%s', { timeout: 60_000 }, async (_, row, index) => {
  await scrape(bridge)
  const quiet = await honest.announce(QUIET_MS)
  const before = await scrape(bridge)
  const attacker = await startAttacker({
    attack: row.attack,
    target: node.multiaddr,
    honest: other.address,
    topics: TOPICS,
    localAddress: `127.0.1.${index + 1}`,
  })
  await pause(500)
  const attacked = await honest.announce(ATTACK_MS)
  const after = await scrape(bridge)
  const counts = await attacker.stop()
  const seen = seenOf(before, after)
  for (const peerId of attacker.peerIds()) attackers.add(peerId)
  figures.push({ row, quiet, attacked, after, before, seen, sent: counts.sent ?? 0 })

  expect(bridge.hasEnded()).toBe(false)
  expect(honest.isUndisturbed()).toBe(true)
  expect(counts.sent).toBeGreaterThan(0)
  expect(other.dials()).toBe(0)
  expect(attacked.missing).toBe(0)
  expect(attacked.p99).toBeLessThanOrEqual(Math.max(2 * quiet.p99, FLOOR_MS))
  expect(after.loopP99Ms).toBeLessThanOrEqual(Math.max(2 * before.loopP99Ms, MAX_LOOP_MS))
  expect(after.residentMb - before.residentMb).toBeLessThan(MAX_GROWTH_MB)
  for (const each of row.seenAs.slice(0, 1)) expect([...seen.keys()]).toContain(each)
  expect(accused()).toEqual([])
})

/** All counters of refusals and verdicts that grew. */
function seenOf(before: Scrape, after: Scrape): Map<string, number> {
  const named = (prefix: string, grown: Map<string, number>) => [...grown].map(([key, more]) => [`${prefix}:${key}`, more] as const)
  return new Map([
    ...named('refused', growth(before.refused, after.refused)),
    ...named('verdict', growth(before.verdicts, after.verdicts)),
    ...named('direct', growth(before.directStreams, after.directStreams)),
  ])
}

/** Peers that the bridge cut or complained about and that are no attackers. */
function accused(): string[] {
  const named = bridge.logs().flatMap(({ msg, peerId, latest }) => {
    if (msg.includes('kept out')) return [String(peerId)]
    const { peerId: last } = (latest ?? {}) as { peerId?: string }
    return msg === 'refused before a verdict, by reason' && last !== undefined ? [last] : []
  })
  return named.filter((peerId) => !attackers.has(peerId))
}
