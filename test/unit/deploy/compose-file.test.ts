import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readSettings } from '../../../src/config/reading/read-settings.ts'
import { identityFromText } from '../../../src/identity/key.ts'

interface Service {
  environment?: Record<string, string>
  ports?: string[]
  profiles?: string[]
  read_only?: boolean
}

const file = readFileSync('docker-compose.yml', 'utf8')
const services = (parse(file, { merge: true }) as { services: Record<string, Service> }).services
const ours = ['topics', 'bridge', 'topics-b', 'bridge-b', 'simulator']

test.each(ours)('the settings of %s are sound, and every one is known', (name) => {
  const environment = services[name]?.environment ?? {}
  const { found } = readSettings({ environment }, { generateId: () => 'test', readFile: () => '' })
  const fromEnvironment = [...found.values()].filter((each) => each.origin !== 'default')
  expect(fromEnvironment).toHaveLength(Object.keys(environment).length)
})

test('by default there is one bridge with its ports published, and the second node is in the profile demo', () => {
  expect(Object.keys(services).filter((name) => !services[name]?.profiles)).toEqual(['kafka', 'postgres', 'topics', 'bridge'])
  expect(services.bridge?.ports).toEqual(['9905:9905', '127.0.0.1:9906:9906', '127.0.0.1:9908:9908'])
  expect(ours.every((name) => services[name]?.read_only)).toBe(true)
})

test('the second bridge dials the first one by the peer id that its key makes', async () => {
  const { peerId } = await identityFromText(services.bridge?.environment?.P2P_PRIVATE_KEY ?? '')
  expect(services['bridge-b']?.environment?.P2P_STATIC_PEERS).toBe(`/dns4/bridge/tcp/9905/p2p/${peerId}`)
})
