import { expect, test } from 'vitest'
import { remarkSentences } from '../../../../src/config/printing/effective.ts'
import { serviceLinks } from '../../../../src/config/reading/service-links.ts'
import { readingOf } from '../../../support/bridge/settings.ts'

/** As Kubernetes sets them for a service with one named port. */
function linksOf(service: string, port: number): Record<string, string> {
  const each = `${service}_PORT_${port}_TCP`
  return {
    [`${service}_SERVICE_HOST`]: '10.96.0.7',
    [`${service}_SERVICE_PORT`]: `${port}`,
    [`${service}_SERVICE_PORT_LIBP2P`]: `${port}`,
    [`${service}_PORT`]: `tcp://10.96.0.7:${port}`,
    [each]: `tcp://10.96.0.7:${port}`,
    [`${each}_PROTO`]: 'tcp',
    [`${each}_PORT`]: `${port}`,
    [`${each}_ADDR`]: '10.96.0.7',
  }
}

test.each(['P2P', 'GRPC', 'KAFKA', 'NETWORK', 'GOSSIP_BRIDGE', 'P2P_STATIC'])(
  'links to a service named %s change no setting',
  (service) => {
    const reading = readingOf({ environment: { ...linksOf(service, 9905), NETWORK: 'regtest' } })
    expect(reading.settings).toMatchObject({ p2p_port: 9905, network: 'regtest' })
    expect(serviceLinks(linksOf(service, 9905))).toHaveLength(8)
  },
)

test('a link with the name of a setting is said, other links are not', () => {
  const said = (service: string) => remarkSentences(readingOf({ environment: linksOf(service, 9905) }))
  expect(said('P2P')).toEqual([
    expect.stringMatching(/^P2P_PORT in the environment is Kubernetes’ link to a service, and no setting: .*enableServiceLinks/),
  ])
  expect(said('GRPC')).toEqual([])
})

test('the same variable without a service is a setting, and a wrong one is refused', () => {
  expect(readingOf({ environment: { P2P_PORT: '9915' } }).settings.p2p_port).toBe(9915)
  expect(readingOf({ environment: { ...linksOf('P2P', 9905), P2P_PORT: '9915' } }).settings.p2p_port).toBe(9915)
  expect(() => readingOf({ environment: { P2P_PORT: 'tcp://10.96.0.7:9905' } })).toThrow(/p2p_port/)
})
