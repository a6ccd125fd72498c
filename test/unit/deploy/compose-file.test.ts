import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readSettings } from '../../../src/config/reading/read-settings.ts'
import { identityFromText } from '../../../src/identity/key.ts'

interface Service {
  command?: string[]
  restart?: string
  mem_limit?: string
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
  environment?: Record<string, string>
  ports?: string[]
  profiles?: string[]
  read_only?: boolean
}

const file = readFileSync('docker-compose.yml', 'utf8')
const services = (parse(file, { merge: true }) as { services: Record<string, Service> }).services
const ours = ['settings', 'topics', 'bridge', 'settings-b', 'topics-b', 'bridge-b', 'simulator']

test.each(ours)('the settings of %s are sound, and every one is known', (name) => {
  const environment = services[name]?.environment ?? {}
  const { found } = readSettings({ environment }, { generateId: () => 'test', readFile: () => '' })
  const fromEnvironment = [...found.values()].filter((each) => each.origin !== 'default')
  expect(fromEnvironment).toHaveLength(Object.keys(environment).length)
})

test('by default there is one bridge with its ports published, and the second node is in the profile demo', () => {
  expect(Object.keys(services).filter((name) => !services[name]?.profiles)).toEqual(['kafka', 'postgres', 'settings', 'topics', 'bridge'])
  expect(services.bridge?.ports).toEqual(['9905:9905', '127.0.0.1:9906:9906', '127.0.0.1:9908:9908'])
  expect(ours.every((name) => services[name]?.read_only && services[name].mem_limit)).toBe(true)
})

test('the second bridge dials the first one by the peer id that its key makes', async () => {
  const { peerId } = await identityFromText(services.bridge?.environment?.P2P_PRIVATE_KEY ?? '')
  expect(services['bridge-b']?.environment?.P2P_STATIC_PEERS).toBe(`/dns4/bridge/tcp/9905/p2p/${peerId}`)
})

test.each([
  ['bridge', 'topics', 'settings'],
  ['bridge-b', 'topics-b', 'settings-b'],
])(
  '%s starts after its settings were found usable, since another start would not mend them, and is healthy when it is ready',
  (bridge, topics, check) => {
    const passed = { condition: 'service_completed_successfully' }
    expect(services[check]).toMatchObject({ command: ['config', 'check'], restart: 'no', environment: services[bridge]?.environment })
    expect(services[topics]?.depends_on).toMatchObject({ [check]: passed })
    expect(services[bridge]?.depends_on).toMatchObject({ [topics]: passed })
    expect(services[bridge]?.healthcheck?.test.at(-1)).toBe('/readyz')
    expect(services.simulator?.depends_on).toMatchObject({ [bridge]: { condition: 'service_healthy' } })
  },
)
