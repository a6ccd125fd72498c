import { expect, test } from 'vitest'
import { refusePooler } from '../../../src/postgres/connection/pooler.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { makeBans } from '../bans/start-bans.ts'
import { startInstance } from './identity-instance.ts'
import { openPostgres } from './open-postgres.ts'
import { transactionPooler } from './transaction-pooler.ts'

const SENTENCE = /leads through a pooler that shares sessions, such as PgBouncer in transaction mode/

test('Postgres itself is no pooler', async () => {
  const postgres = openPostgres(await createDatabase())
  await refusePooler(postgres)
  expect(await postgres.query('SELECT 1 AS one', [])).toEqual([{ one: 1 }])
})

test('a pooler in transaction mode works for queries, and is recognised', async () => {
  const postgres = openPostgres(await transactionPooler(await createDatabase()))
  expect(await postgres.query('SELECT 1 AS one', [])).toEqual([{ one: 1 }])
  await expect(refusePooler(postgres)).rejects.toThrow(SENTENCE)
})

test('a start of the ban list through such a pooler ends with the sentence, also where a published list could stand in', async () => {
  const bans = makeBans(await transactionPooler(await createDatabase()), { fallback: async () => [] })
  await expect(bans.start()).rejects.toThrow(SENTENCE)
})

test('a start with a key through such a pooler ends with the sentence', async () => {
  const instance = startInstance(await transactionPooler(await createDatabase()))
  await expect(instance.taken).rejects.toThrow(SENTENCE)
})
