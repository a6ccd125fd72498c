import { pino } from 'pino'
import { runProgram } from '../../../src/cli/program.ts'
import type { AreaFinding } from '../../../src/doctor/finding.ts'
import { migrate } from '../../../src/postgres/connection/migrate.ts'
import { createFakeHost } from '../../support/bridge/fake-host.ts'
import { createNodeEnvironment } from '../../support/bridge/node-environment.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { startHost } from '../gossip/start-host.ts'
import { openPostgres } from '../postgres/open-postgres.ts'

export interface Diagnosis {
  readonly code: number
  readonly findings: readonly AreaFinding[]
  /** Reasons and remedies of what is not `ok`, one a line. */
  readonly complaints: string
}

/** The environment of a bridge for which all is well: topics, a migrated database, a key, and a peer that answers. */
export async function healthyEnvironment(): Promise<Record<string, string>> {
  const [{ environment }, database, peer] = await Promise.all([createNodeEnvironment(), createDatabase(), startHost()])
  const topics = createFakeHost(environment)
  if ((await runProgram(['topics', 'create'], topics)) !== 0) throw new Error(topics.err())
  await migrate({ migrates: true }, { postgres: openPostgres(database), log: pino({ level: 'silent' }) })
  return { ...environment, BANLIST_DB: database, P2P_STATIC_PEERS: peer.address() }
}

/** Runs `doctor --json` in this process. */
export async function diagnose(environment: Record<string, string>): Promise<Diagnosis> {
  const host = createFakeHost(environment)
  const code = await runProgram(['doctor', '--json'], host)
  if (process.env.SHOW_DOCTOR) await show(environment)
  const { findings } = JSON.parse(host.out()) as { findings: AreaFinding[] }
  const bad = findings.filter(({ grade }) => grade !== 'ok')
  return { code, findings, complaints: bad.map(({ grade, reason, remedy }) => `${grade} ${reason} -> ${remedy}`).join('\n') }
}

/** What a person sees. */
export async function show(environment: Record<string, string>): Promise<string> {
  const host = createFakeHost(environment)
  await runProgram(['doctor'], host)
  console.log(host.out() + host.err())
  return host.out()
}
