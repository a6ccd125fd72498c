import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { runCommand } from '../../deploy/local/command.ts'
import { freePorts } from '../../deploy/local/free-ports.ts'
import { createDatabase } from '../support/create-database.ts'
import { eventually } from '../support/eventually.ts'
import { kafkaBrokers } from '../support/shared-stack.ts'

/** Set where uWebSockets.js does not run on the system's glibc; see deploy/local/test-nodes.mjs. */
const roles = process.env.TEST_ROLES || 'relay,edge,admin'

test('the built bridge makes its topics, gets ready, serves, and stops in order on SIGTERM', async () => {
  const { environment, httpUrl, healthUrl } = await settings()
  expect(await bridgeCommand(['topics', 'create'], environment)).toMatchObject({ code: 0 })
  expect(await bridgeCommand(['topics', 'check'], environment)).toMatchObject({ code: 0 })

  const bridge = startBridge(environment)
  await eventually(async () => expect(await textOf(`${healthUrl}/readyz?verbose`)).toMatch(/^200 /), { timeoutMs: 30_000 })
  expect(await textOf(`${healthUrl}/livez`)).toMatch(/^200 /)
  expect(await textOf(`${healthUrl}/metrics`)).toContain(`version="${process.version}"`)
  if (roles.includes('edge')) expect(await textOf(`${httpUrl}/health`)).toBe('200 OK')

  bridge.child.kill('SIGTERM')
  expect(await bridge.ended).toEqual({ code: 0, signal: null })
  await expect(textOf(`${healthUrl}/livez`)).rejects.toThrow()
})

test('faulty settings end the start with exit code 78 and all faults in one message', async () => {
  const { environment } = await settings()
  const result = await bridgeCommand(['serve'], { ...environment, P2P_PORT: '70000', NETWORK: 'moon' })
  expect(result.code).toBe(78)
  expect(result.stderr).toMatch(/network is "moon"[\s\S]*p2p_port is "70000"/)
})

async function settings() {
  const name = `startup-${randomUUID().slice(0, 8)}`
  const [p2pPort, httpPort, healthPort] = await freePorts(3)
  const environment: Record<string, string> = {
    ROLES: roles,
    NETWORK: 'regtest',
    BRIDGE_ID: name,
    TOPIC_PREFIX: `${name}.`,
    KAFKA_BROKERS: kafkaBrokers().join(','),
    BANLIST_DB: await createDatabase(),
    P2P_LISTEN_ADDRESSES: '127.0.0.1',
    P2P_PORT: `${p2pPort}`,
    P2P_HTTPLISTENADDRESS: `127.0.0.1:${httpPort}`,
    HEALTHLISTENADDRESS: `127.0.0.1:${healthPort}`,
  }
  return { environment, httpUrl: `http://127.0.0.1:${httpPort}`, healthUrl: `http://127.0.0.1:${healthPort}` }
}

function bridgeCommand(words: string[], env: Record<string, string>) {
  return runCommand(process.execPath, ['dist/main.js', ...words], { timeoutMs: 30_000, env })
}

function startBridge(env: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, ['dist/main.js', 'serve'], { env: { ...process.env, ...env }, stdio: 'ignore' })
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended }
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(3000), headers: { connection: 'close' } })
  return `${response.status} ${await response.text()}`
}
