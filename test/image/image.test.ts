import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { STEADY } from '../../deploy/local/kafka/broker-config.ts'
import { type LocalKafka, startKafka } from '../../deploy/local/kafka/kafka.ts'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { projectFile } from '../../deploy/local/programs/local-files.ts'
import { eventually } from '../support/eventually.ts'
import { makeBaseImage } from './base-image.ts'
import { type Engine, startEngine, whyNoEngine } from './engine.ts'

const NODE = '24.21.0'
const BASE = 'gossip-bridge-test-base'
const IMAGE = 'gossip-bridge-test'
/** What the image may have above its base. */
const MOST_MEGABYTES = 100
const BUILD_DEADLINE_MS = 1_200_000

/** A part of what Vitest's reporter `json` writes. */
interface TestedFile {
  readonly name: string
  readonly message: string
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string; readonly failureMessages: readonly string[] }[]
}

const why = whyNoEngine()
const say = (line: string) => console.log(`test image: ${line}`)
if (why !== undefined) say(`left out: ${why}`)

let engine: Engine
let kafka: LocalKafka

beforeAll(async () => {
  if (why !== undefined) return
  engine = await startEngine(say)
  await docker(['import', await makeBaseImage(NODE, say), BASE], 300_000)
  say('building the image (some minutes)')
  const options = ['--network', 'host', '--build-arg', `BASE=${BASE}`, '--build-arg', 'UWEBSOCKETS=npm']
  await docker(['build', ...options, '-f', projectFile('deploy/Dockerfile'), '-t', IMAGE, projectFile('.')], BUILD_DEADLINE_MS)
  kafka = await startKafka({ settings: STEADY, say })
})

afterAll(async () => {
  await kafka?.stop()
  await engine?.stop()
})

/** Standard output; rejects with what docker said. */
async function docker(args: string[], timeoutMs?: number): Promise<string> {
  const { code, stdout, stderr } = await engine.docker(args, timeoutMs)
  if (code !== 0) throw new Error(`docker ${args[0]} failed:\n${stdout.slice(-3000)}${stderr.slice(-3000)}`)
  return stdout.trim()
}

const sizeOf = async (image: string) => Number(await docker(['image', 'inspect', '-f', '{{.Size}}', image])) / 2 ** 20

test.runIf(why === undefined)('the image is little more than its base', async () => {
  const [image, base] = [await sizeOf(IMAGE), await sizeOf(BASE)]
  say(`${image.toFixed(0)} MB, of which ${base.toFixed(0)} are the base`)
  expect(image - base).toBeLessThan(MOST_MEGABYTES)
})

test.runIf(why === undefined)('starts on a read-only root, is healthy, serves browsers, and stops in order', async () => {
  const prefix = `image-${randomUUID().slice(0, 8)}.`
  const [p2p = 0, http = 0, health = 0] = await freePorts(3)
  const settings = {
    KAFKA_BROKERS: kafka.brokers.join(','),
    TOPIC_PREFIX: prefix,
    NETWORK: 'regtest',
    ROLES: 'relay,edge',
    P2P_PORT: `${p2p}`,
    P2P_LISTEN_ADDRESSES: '127.0.0.1',
    P2P_HTTPLISTENADDRESS: `127.0.0.1:${http}`,
    HEALTHLISTENADDRESS: `127.0.0.1:${health}`,
  }
  const given = Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`])
  const run = ['--network', 'host', '--read-only', '--tmpfs', '/tmp', ...given]
  await docker(['run', '--rm', ...run, IMAGE, 'topics', 'create'])
  const id = await docker(['run', '-d', '--health-interval', '1s', ...run, IMAGE])
  const state = (what: string) => docker(['inspect', '-f', `{{.State.${what}}}`, id])
  try {
    await eventually(async () => expect(await state('Health.Status')).toBe('healthy'), { timeoutMs: 60_000, intervalMs: 300 })
    await eventually(async () => expect((await fetch(`http://127.0.0.1:${health}/readyz`)).status).toBe(200), { timeoutMs: 60_000 })
    const page = await fetch(`http://127.0.0.1:${http}/`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
    expect(await docker(['exec', id, 'id', '-un'])).toBe('node')
    await docker(['stop', '--time', '30', id])
    expect(await state('ExitCode')).toBe('0')
    expect(await docker(['logs', id])).toContain('stopped everything')
  } catch (error) {
    const { stdout, stderr } = await engine.docker(['logs', '--tail', '30', id])
    throw new Error(`${(error as Error).message}\n${stdout}${stderr}`, { cause: error })
  } finally {
    await engine.docker(['rm', '-f', id])
  }
})

test.runIf(why === undefined)('the tests of the browsers’ port pass on the Node.js and the C library of the image', async () => {
  const source = ['--volume', `${projectFile('.')}:/source:ro`, '--workdir', '/source', '--tmpfs', '/tmp']
  // The runner, since the usual loader writes the configuration beside itself, and nothing is to be written here.
  const command = [
    'node',
    'node_modules/vitest/vitest.mjs',
    'run',
    '--configLoader',
    'runner',
    '--config',
    'test/image/inside/vitest.config.ts',
  ]
  const { stdout, stderr } = await engine.docker(
    ['run', '--rm', '--network', 'host', ...source, '--entrypoint', 'env', IMAGE, ...command],
    280_000,
  )
  if (!stdout.includes('{')) throw new Error(`the tests did not run:\n${stdout}${stderr.slice(-3000)}`)
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(stdout.slice(stdout.indexOf('{')))
  const failed = (testResults as TestedFile[]).flatMap(({ name, message, assertionResults }) => {
    const tests = assertionResults.filter(({ status }) => status === 'failed')
    return [...(message === '' ? [] : [`${name}: ${message}`]), ...tests.map((each) => `${each.fullName}: ${each.failureMessages[0]}`)]
  })
  expect(failed).toEqual([])
  expect(numFailedTests).toBe(0)
  expect(numPassedTests).toBeGreaterThan(100)
  say(`${numPassedTests} tests passed inside`)
})
