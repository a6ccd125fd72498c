import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { onEnd } from '../on-end.ts'
import { postgresUrl } from './shared-stack.ts'

/**
 * Creates an empty database with a random name on the shared server and returns its connection string. It is dropped, even
 * while connections are open, at the end of the test (or of the file, when called outside a test).
 */
export async function createDatabase(server: string = postgresUrl()): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '').slice(0, 12)}`
  await run(server, `CREATE DATABASE ${name}`)
  onEnd(() => run(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

async function run(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 30_000, query_timeout: 90_000 })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
