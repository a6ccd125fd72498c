import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readingOf } from '../../support/bridge/settings.ts'

const text = readFileSync('deploy/systemd/gossip-bridge.service', 'utf8')

/** The values of an option, in their order. */
function valuesOf(option: string): string[] {
  return [...text.matchAll(new RegExp(`^${option}=(.*)$`, 'gm'))].map(([, value = '']) => value)
}

const SECRETS: Record<string, string> = {
  '/run/credentials/banlist-db': 'postgres://bridge:a-password@postgres:5432/bridge',
  '/run/credentials/identity-encryption-key': '00'.repeat(32),
}
const words = valuesOf('Environment')
  .flatMap((value) => value.split(' '))
  .map((word) => word.replaceAll('%d', '/run/credentials').replaceAll('%l', 'a-host'))
const environment = Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]))

test('the variables of the systemd unit are settings, and its secrets are its credentials', () => {
  const { NODE_ENV: _, ...given } = environment
  const { found, settings } = readingOf({ environment: { ...given, NETWORK: 'regtest' } }, SECRETS)
  expect([...found.values()].filter(({ origin }) => origin.startsWith('environment'))).toHaveLength(Object.keys(given).length + 1)
  expect(settings).toMatchObject({ instance_id: 'a-host', log_format: 'json' })
  const files = Object.values(given).filter((value) => value.startsWith('/run/credentials/'))
  const credentials = valuesOf('LoadCredential').map((value) => `/run/credentials/${value.split(':')[0]}`)
  expect(credentials).toEqual(files)
})

test('the systemd unit restarts what a restart may mend, and gives a stop its time', () => {
  expect(valuesOf('Restart')).toEqual(['always'])
  expect(valuesOf('RestartPreventExitStatus')).toEqual(['78'])
  const { settings } = readingOf({ environment: { NETWORK: 'regtest' } })
  expect(Number(valuesOf('TimeoutStopSec')[0]) * 1000).toBeGreaterThanOrEqual(settings.shutdown_deadline + 5000)
})
