import { expect, test } from 'vitest'
import { nearMisses } from '../../../../src/config/reading/near-misses.ts'
import { environmentName } from '../../../../src/config/setting.ts'
import { SETTING_NAMES, SETTINGS } from '../../../../src/config/settings.ts'

test.each([
  ['KAFKA_BROKER', 'KAFKA_BROKERS'],
  ['KAFKA_BROKERSS', 'KAFKA_BROKERS'],
  ['KAFKA_BORKERS', 'KAFKA_BROKERS'],
  ['kafka_broker', 'KAFKA_BROKERS'],
  ['Kafka_Brokers', 'KAFKA_BROKERS'],
  ['KAFKA-BROKERS', 'KAFKA_BROKERS'],
  ['NETWROK', 'NETWORK'],
  ['NETWORKS', 'NETWORK'],
  ['P2P_STATIC_PEER', 'P2P_STATIC_PEERS'],
  ['P2P_STATICPEERS', 'P2P_STATIC_PEERS'],
  ['BANLISTDB', 'BANLIST_DB'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['P2P_PRIVATE_KEYFILE', 'P2P_PRIVATE_KEY_FILE'],
  ['GOSSIP_BRIDGE_CONFG', 'GOSSIP_BRIDGE_CONFIG'],
])('%s is near %s', (variable, meant) => {
  expect(nearMisses({ [variable]: 'x' })).toEqual([{ variable, meant }])
})

test.each(['PATH', 'HOME', 'HOSTNAME', 'TCP_PORT', 'HTTP_PORT', 'KAFKA_PORT', 'KAFKA_SERVICE_HOST', 'NODE_ENV', 'LANG', 'USER', 'TERM'])(
  '%s is a variable of others',
  (variable) => {
    expect(nearMisses({ [variable]: 'x' })).toEqual([])
  },
)

test('what a setting reads is no near miss, in each spelling', () => {
  const names = SETTING_NAMES.flatMap((name) => [name, environmentName(name), ...(SETTINGS[name].secret ? [`${name}_FILE`] : [])])
  expect(nearMisses(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([])
})

test('a variable that is not set is nothing', () => {
  expect(nearMisses({ KAFKA_BROKER: undefined })).toEqual([])
})
