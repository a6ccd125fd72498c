import { expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics } from '../support/bridge/node-environment.ts'
import { eventually } from '../support/eventually.ts'

const SAID = 'another process is running with the instance_id'

test('a second process with one instance_id is refused while the first lives, and not after it was killed', async () => {
  const { environment } = await createNodeEnvironment({ ROLES: 'relay', INSTANCE_ID: 'gb-0', P2P_PRIVATE_KEY: '' })
  await createNodeTopics({ environment })
  const first = startBridgeProcess(environment)
  await first.ready()
  const [p2pPort, healthPort] = await freePorts(2)
  const elsewhere = { ...environment, P2P_PORT: `${p2pPort}`, HEALTHLISTENADDRESS: `127.0.0.1:${healthPort}` }

  const second = startBridgeProcess(elsewhere)
  expect((await second.ended).code).toBe(1)
  expect(second.output()).toContain(SAID)
  expect(second.output()).toContain('give each process an instance_id of its own')
  await eventually(async () => expect(await first.metric('bridge_instance_id_shared')).toBe(0)) // it has gone

  await first.end('SIGKILL')
  const again = startBridgeProcess(elsewhere)
  await again.ready()
  expect(again.output()).not.toContain(SAID)
})

test('two processes that both run with one instance_id say so in readiness and metrics, and stop saying it when one has gone', async () => {
  const { environment } = await createNodeEnvironment({ ROLES: 'relay', INSTANCE_ID: 'gb-0', P2P_PRIVATE_KEY: '' })
  await createNodeTopics({ environment })
  const first = startBridgeProcess(environment)
  await first.ready()
  first.signal('SIGSTOP') // it cannot answer the second process
  const [p2pPort, healthPort] = await freePorts(2)
  const second = startBridgeProcess({ ...environment, P2P_PORT: `${p2pPort}`, HEALTHLISTENADDRESS: `127.0.0.1:${healthPort}` })
  await second.ready()
  first.signal('SIGCONT')
  for (const bridge of [first, second]) {
    await eventually(async () => expect(await bridge.health('/readyz?verbose')).toContain(SAID), { timeoutMs: 20_000 })
    expect(await bridge.health('/readyz')).toMatch(/^200 /)
    expect(await bridge.metric('bridge_instance_id_shared')).toBe(1)
  }
  expect((await second.end('SIGTERM')).code).toBe(0)
  await eventually(async () => expect(await first.metric('bridge_instance_id_shared')).toBe(0))
})
