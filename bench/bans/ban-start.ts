import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres } from '../../deploy/local/postgres/postgres.ts'
import type { Bench, BenchContext } from '../support/bench.ts'
import { createNode, startBridge } from '../support/bridge.ts'
import { connectKafka } from '../support/kafka/kafka-client.ts'
import { residentMegabytes } from '../support/measure/process-cost.ts'
import { until } from '../support/until.ts'

const BANS = 100_000
/** For memory: what the start leaves behind is collected by then. */
const SETTLE_MS = 15_000
const PUBLISHED_WITHIN_MS = 120_000

export const banStart: Bench = {
  name: 'ban-start',
  title: `a start with ${BANS.toLocaleString('en')} bans: no peer is let in before they are in force, and ready means that they are`,
  doesNotProve: 'what a distant Postgres or Kafka adds to the transfer of the list, some 10 MB',
  async run(context) {
    const postgres = await startPostgres({ say: context.say })
    context.scope.add(() => postgres.stop())
    const [node, url] = [await createNode(context), await postgres.createDatabase('bench')]
    const withDatabase = { BANLIST_DB: url }
    const empty = await measure(() => startBridge(node, withDatabase, context))
    await fillList(url, node.bridgeId)

    const first = await startBridge(node, withDatabase, context)
    const publishedAfter = await published(node.topic('p2p-bans'), context)
    await first.stop()
    const stored = await measure(() => startBridge(node, withDatabase, context))
    await postgres.stop()
    const fromTopic = await measure(() => startBridge(node, withDatabase, context))
    const seconds = (what: string, measured: number) => ({ what, measured, unit: 's' })
    return [
      seconds('start to ready with an empty list', empty.readyAfter),
      seconds('start to ready, from Postgres', stored.readyAfter),
      seconds('start to ready, from p2p-bans while Postgres is away', fromTopic.readyAfter),
      seconds('an empty p2p-bans is whole after', publishedAfter),
      { what: 'memory of the list', measured: stored.memory - empty.memory, unit: 'MB' },
    ]
  },
}

async function measure(start: () => ReturnType<typeof startBridge>): Promise<{ readyAfter: number; memory: number }> {
  const bridge = await start()
  await pause(SETTLE_MS)
  const memory = residentMegabytes(bridge.pid)
  await bridge.stop()
  return { readyAfter: bridge.readyAfterMs / 1000, memory }
}

/** Half of them IPv4, half IPv6, as they would stand there after as many commands. */
async function fillList(url: string, bridgeId: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(
      `INSERT INTO gossip_bridge.ban_lists (bridge_id, revision, entries) VALUES ($1, $2::integer, $2::integer)
       ON CONFLICT (bridge_id) DO UPDATE SET revision = excluded.revision, entries = excluded.entries`,
      [bridgeId, BANS],
    )
    await client.query(
      `INSERT INTO gossip_bridge.bans (bridge_id, key, until, since, reason, cause)
       SELECT $1, CASE n % 2 WHEN 0 THEN '10.' || (n >> 16) || '.' || (n >> 8) % 256 || '.' || n % 256 ELSE '2001:db8:' || to_hex((n >> 8) + 1) || '::' || to_hex(n % 256 + 1) END,
         CASE n % 4 WHEN 0 THEN NULL ELSE now() + interval '1 day' END, now(), 'spam', 'ban-commands:0:' || n
       FROM generate_series(256, $2::integer + 255) AS n`,
      [bridgeId, BANS],
    )
  } finally {
    await client.end()
  }
}

/** Seconds until the topic of current bans has a record for each ban, and the marker of a whole list. */
async function published(topic: string, { kafka }: BenchContext): Promise<number> {
  const startedAt = performance.now()
  const connection = connectKafka(kafka.brokers)
  await until(
    async () => {
      const [partition] = await connection.withAdmin((admin) => admin.fetchTopicOffsets(topic))
      return Number(partition?.offset) > BANS
    },
    { everyMs: 250, withinMs: PUBLISHED_WITHIN_MS },
  )
  return (performance.now() - startedAt) / 1000
}
