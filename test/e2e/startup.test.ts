import { expect, test } from 'vitest'
import { page, runBridge, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment } from '../support/bridge/node-environment.ts'
import { eventually } from '../support/eventually.ts'
import { createDatabase } from '../support/stack/create-database.ts'

/** Set where uWebSockets.js does not run on the system's glibc; see deploy/local/test-nodes.mjs. */
const roles = process.env.TEST_ROLES || 'relay,edge,admin'

test('the built bridge makes its topics, gets ready, serves, and stops in order on SIGTERM', async () => {
  const { environment, httpUrl, healthUrl } = await createNodeEnvironment({ ROLES: roles, BANLIST_DB: await createDatabase() })
  expect(await runBridge(['topics', 'create'], environment)).toMatchObject({ code: 0 })
  expect(await runBridge(['topics', 'check'], environment)).toMatchObject({ code: 0 })

  const bridge = startBridgeProcess(environment)
  await bridge.ready()
  expect(await bridge.health('/livez')).toBe('200 OK')
  expect(await bridge.health('/metrics')).toContain(`version="${process.version}"`)
  if (roles.includes('edge')) expect(await page(`${httpUrl}/health`)).toBe('200 OK')

  expect(await bridge.end('SIGTERM')).toMatchObject({ code: 0, signal: null })
  await eventually(() => expect(page(`${healthUrl}/livez`)).rejects.toThrow())
})

test('without a single setting it says where it waits for Kafka, and ends with 0 on SIGINT', async () => {
  const { environment } = await createNodeEnvironment()
  const { P2P_HTTPLISTENADDRESS = '', HEALTHLISTENADDRESS = '' } = environment
  const bridge = startBridgeProcess({ P2P_HTTPLISTENADDRESS, HEALTHLISTENADDRESS, ROLES: roles, KAFKA_BROKERS: '127.0.0.1:1' })
  await eventually(async () => expect(await bridge.health('/readyz')).toMatch(/Kafka at 127\.0\.0\.1:1 does not answer/), {
    timeoutMs: 10_000,
  })
  expect(await bridge.end('SIGINT')).toMatchObject({ code: 0 })
})
