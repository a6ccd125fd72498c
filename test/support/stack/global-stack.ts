import type { TestProject } from 'vitest/node'
import { STEADY } from '../../../deploy/local/kafka/broker-config.ts'
import { type LocalKafka, startKafka } from '../../../deploy/local/kafka/kafka.ts'
import { type LocalPostgres, startPostgres } from '../../../deploy/local/postgres/postgres.ts'
import { ensureChromium } from '../../../deploy/local/programs/chromium.ts'
import './shared-stack.ts'

interface SharedStack {
  users: number
  servers: Promise<[LocalKafka, LocalPostgres]>
}

/**
 * Vitest runs this file once per project, each time as a module of its own, in one process. Shared state has to be global:
 * the first project starts the servers, the last one to finish stops them.
 */
const holder = globalThis as typeof globalThis & { gossipBridgeTestStack?: SharedStack }

/** Starts one Kafka broker and one Postgres server for the whole run, and provides their addresses to the tests. */
export async function setup(project: TestProject): Promise<void> {
  const stack = holder.gossipBridgeTestStack ?? { users: 0, servers: startServers() }
  holder.gossipBridgeTestStack = stack
  stack.users += 1
  const [kafka, postgres] = await stack.servers
  project.provide('kafkaBrokers', kafka.brokers)
  project.provide('postgresUrl', postgres.url)
  if (project.name === 'browser') project.provide('chromiumPath', await ensureChromium(say))
}

export async function teardown(): Promise<void> {
  const stack = holder.gossipBridgeTestStack
  if (!stack) return
  stack.users -= 1
  if (stack.users > 0) return
  delete holder.gossipBridgeTestStack
  const [kafka, postgres] = await stack.servers
  await Promise.all([kafka.stop(), postgres.stop()])
}

async function startServers(): Promise<[LocalKafka, LocalPostgres]> {
  const startedAt = performance.now()
  const started = await Promise.allSettled([startKafka({ settings: STEADY, say }), startPostgres({ say })])
  const [kafka, postgres] = started
  if (kafka.status === 'fulfilled' && postgres.status === 'fulfilled') {
    say(`Kafka ${kafka.value.brokers.join(',')} and Postgres up in ${Math.round(performance.now() - startedAt)} ms`)
    return [kafka.value, postgres.value]
  }
  await Promise.all(started.map((server) => (server.status === 'fulfilled' ? server.value.stop() : undefined)))
  throw new AggregateError(
    started.filter((server) => server.status === 'rejected').map((server) => server.reason),
    'the servers for the tests did not start',
  )
}

function say(line: string): void {
  console.log(`test stack: ${line}`)
}
