import { expect, test } from 'vitest'
import { SETTING_NAMES, SETTINGS, settingsSchema } from '../../../../src/config/settings.ts'
import { SettingsError } from '../../../../src/config/settings-error.ts'
import { readingOf, settingsOf } from '../../../support/bridge/settings.ts'

function faultsOf(...sources: Parameters<typeof readingOf>): string[] {
  try {
    readingOf(...sources)
    return []
  } catch (error) {
    if (error instanceof SettingsError) return error.faults.map((fault) => fault.message)
    throw error
  }
}

test('starts with nothing set', () => {
  const settings = settingsOf()
  expect(settings).toMatchObject({
    roles: ['relay', 'edge', 'admin'],
    bridge_id: 'gossip-bridge',
    instance_id: 'generated-id',
    kafka_client_id: 'gossip-bridge',
    kafka_brokers: ['localhost:9092'],
    kafka_session_timeout: 6000,
    p2p_port: 9905,
    p2p_httpListenAddress: { host: null, port: 9906 },
    healthListenAddress: { host: null, port: 9908 },
    outbound_max_age: 600_000,
    shutdown_deadline: 10_000,
  })
})

test('every default is sound by itself', () => {
  const result = settingsSchema.safeParse(Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default])))
  expect(result.error?.issues ?? []).toEqual([])
})

test('every example is sound, and says something else than the default', () => {
  for (const name of SETTING_NAMES) {
    const { example, schema, default: fallback } = SETTINGS[name]
    if (example === undefined) continue
    expect(schema.safeParse(example).error?.issues ?? [], name).toEqual([])
    expect(example, name).not.toBe(fallback)
  }
})

test('a flag goes before the environment, that before the file, that before the default', () => {
  const file = { path: 'bridge.yaml', text: 'p2p_port: 3001\nnetwork: regtest\nbridge_id: from-file' }
  const environment = { P2P_PORT: '3002', NETWORK: 'testnet' }
  const { settings, found } = readingOf({ flags: { p2p_port: '3003' }, environment, file })
  expect(settings).toMatchObject({ p2p_port: 3003, network: 'testnet', bridge_id: 'from-file', gossip_outbound_rate: 200 })
  expect(found.get('p2p_port')?.origin).toBe('--p2p-port')
  expect(found.get('network')?.origin).toBe('environment NETWORK')
  expect(found.get('bridge_id')?.origin).toBe('file bridge.yaml')
  expect(found.get('gossip_outbound_rate')?.origin).toBe('default')
})

const PEER = '/ip4/203.0.113.7/tcp/9905/p2p/12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'

test.each([['p2p_bootstrapAddresses'], ['P2P_BOOTSTRAPADDRESSES']])('the environment takes the name %s', (name) => {
  const { settings } = readingOf({ environment: { [name]: PEER } })
  expect(settings.p2p_bootstrapAddresses).toEqual([PEER])
})

test.each([
  ['a|b,c', ['a:9092', 'b:9092', 'c:9092']],
  [' a:1 | b:2 |', ['a:1', 'b:2']],
])('a list is split at both separators: %s', (text, brokers) => {
  expect(settingsOf({ KAFKA_BROKERS: text }).kafka_brokers).toEqual(brokers)
})

test('the file may have lists, and digits stay text', () => {
  const key = '1234567890'.repeat(6).concat('1234')
  const settings = settingsOf({}, `kafka_brokers:\n  - a:1\n  - b:2\np2p_shared_key: ${key}\nallow_private_urls: yes\n`)
  expect(settings).toMatchObject({ kafka_brokers: ['a:1', 'b:2'], p2p_shared_key: key, allow_private_urls: true })
})

test('a secret can stand in a file of its own, named by environment, settings file or flag', () => {
  const files = { '/run/secret': 'postgres://u:p@h/d\n' }
  const expected = 'postgres://u:p@h/d'
  expect(readingOf({ environment: { BANLIST_DB_FILE: '/run/secret' } }, files).settings.banlist_db).toBe(expected)
  expect(readingOf({ file: { path: 'f', text: 'banlist_db_file: /run/secret' } }, files).settings.banlist_db).toBe(expected)
  expect(readingOf({ flags: { banlist_db_file: '/run/secret' } }, files).settings.banlist_db).toBe(expected)
})

test('a secret whose file is missing is a fault that names the variable, and not its value, which may be the secret', () => {
  expect(faultsOf({ environment: { P2P_PRIVATE_KEY_FILE: '/nowhere' } })).toEqual([
    'p2p_private_key cannot be read from the file that is named by environment P2P_PRIVATE_KEY_FILE: it should exist and be readable',
  ])
})

test('a setting that stands twice in the environment must say the same', () => {
  expect(faultsOf({ environment: { P2P_PORT: '1', p2p_port: '2' } })).toEqual([
    'p2p_port is set twice, differently (environment P2P_PORT; environment p2p_port): it should be set once',
  ])
  expect(faultsOf({ environment: { P2P_PORT: '1', p2p_port: '1' } })).toEqual([])
})

test('all faults come at once, with value, origin and what would be right', () => {
  const environment = { P2P_PORT: '70000', LOG_LEVEL: 'loud', P2P_PRIVATE_KEY: 'deadbeef', BANLIST_DB: 'mysql://u:hunter2@h/d' }
  expect(faultsOf({ environment })).toEqual([
    'p2p_port is "70000" (environment P2P_PORT): should be a port from 1 to 65535',
    expect.stringMatching(/^p2p_private_key is \[secret\] \(environment P2P_PRIVATE_KEY\): should be an Ed25519 key as hex/),
    expect.stringMatching(/^banlist_db is \[secret\] \(environment BANLIST_DB\): should be a connection string/),
    'log_level is "loud" (environment LOG_LEVEL): should be one of trace, debug, info, warn, error, fatal',
  ])
})

test('the error as a whole counts its faults and has the exit code for configuration', () => {
  expect(() => settingsOf({ P2P_PORT: '0', LOG_FORMAT: 'x' })).toThrow(
    expect.objectContaining({
      exitCode: 78,
      message: expect.stringMatching(/^The settings have 2 faults:\n {2}p2p_port is "0".*\n {2}log_format/),
    }),
  )
})

test('of a list, the entry at fault is named', () => {
  expect(faultsOf({ environment: { P2P_STATIC_PEERS: `${PEER}|/ip4/1.2.3.4/tcp/9905` } })).toEqual([
    expect.stringMatching(
      /^p2p_static_peers has an entry "\/ip4\/1\.2\.3\.4\/tcp\/9905" \(environment P2P_STATIC_PEERS\): should be a multiaddress/,
    ),
  ])
})

test.each([
  ['p2p_prot: 1', /^"p2p_prot" in the file bridge.yaml is no setting: did you mean p2p_port\?$/],
  ['p2p_bootstrapaddresses: x', /did you mean p2p_bootstrapAddresses\?$/],
  ['something_else_entirely: 1', /`gossip-bridge config doc` lists all settings$/],
  ['kafka_brokers_file: /x', /"kafka_brokers_file" in the file bridge.yaml is no setting/],
  ['p2p_port: {a: 1}', /^p2p_port in the file bridge.yaml is nested/],
  ['- a\n- b', /should be a map of settings/],
  ['a: [', /^The file bridge.yaml is no YAML/],
  ['p2p_port: 1\np2p_port: 2', /^The file bridge.yaml is no YAML: Map keys must be unique/],
])('a file that is wrong is a fault: %s', (text, expected) => {
  expect(faultsOf({ file: { path: 'bridge.yaml', text } })).toEqual([expect.stringMatching(expected)])
})

test('an empty file says nothing', () => {
  expect(faultsOf({ file: { path: 'bridge.yaml', text: '# nothing yet\n' } })).toEqual([])
})

test('an empty value means "not set" where the kind has no empty value', () => {
  expect(settingsOf({ P2P_PORT: '', LOG_LEVEL: '', OUTBOUND_MAX_AGE: '' })).toMatchObject({ p2p_port: 9905, log_level: 'info' })
})

test('values that depend on others are filled in', () => {
  const settings = settingsOf({
    CLIENTNAME: 'node-b',
    NETWORK: 'regtest',
    P2P_PORT: '7000',
    P2P_ADVERTISE_ADDRESSES: 'a.example|[2001:db8::1]:1|2001:db8::2|/dns4/b.example/tcp/7',
  })
  expect(settings).toMatchObject({
    bridge_id: 'node-b',
    kafka_client_id: 'node-b',
    min_block_work: 2n,
    asset_httpPublicAddress: 'http://localhost:8090/api/v1',
  })
  expect(settings.p2p_advertise_addresses).toEqual(['a.example:7000', '[2001:db8::1]:1', '[2001:db8::2]:7000', '/dns4/b.example/tcp/7'])
})

test.each([
  [{ NETWORK: 'mainnet' }, true],
  [{ NETWORK: 'testnet' }, false],
  [{ NETWORK: 'teratestnet', GOSSIP_DIALECT: 'envelope' }, true],
  [{ NETWORK: 'regtest', GOSSIP_DIALECT: 'envelope' }, false],
  [{ NETWORK: 'mainnet', REQUIRE_BLOCK_HEADER: 'false' }, false],
  [{ NETWORK: 'regtest', REQUIRE_BLOCK_HEADER: 'true' }, true],
])('whether a block needs a header: %j', (environment, isRequired) => {
  const url = { ASSET_HTTPPUBLICADDRESS: 'https://node.example.org/api/v1' }
  expect(settingsOf({ ...url, ...environment }).require_block_header).toBe(isRequired)
})

test.each([
  ['12', 12n],
  ['0x10', 16n],
])('the least work of a block may be written as %s', (text, work) => {
  expect(settingsOf({ MIN_BLOCK_WORK: text }).min_block_work).toBe(work)
})

test.each([
  'jdbc:postgresql://bridge:hunter2@db:5432/bridge',
  'jdbc:postgresql://db:5432/bridge?user=bridge&password=hunter2',
  'postgresql:bridge:hunter2@db/bridge',
  'postgres://bridge:hun/ter2@db/hunter2',
  'postgres://bridge:12#hunter2@db/bridge',
  'postgres://bridge:12/hunter2@db/bridge',
  'postgres://bridge:12?hunter2@db/bridge',
  'postgres://bridge:hunter2@db:port/bridge',
  'postgres://bridge:hunter2@db/bridge?sslmode=hunter2',
  'host=db user=bridge password=hunter2',
  'mysql://bridge:hunter2@db/bridge',
  'hunter2',
])('no part of a secret in a wrong form is repeated: %s', (value) => {
  const faults = faultsOf({ environment: { BANLIST_DB: value } })
  expect(faults).toHaveLength(1)
  expect(faults[0]).toMatch(/^banlist_db /)
  expect(faults.join()).not.toMatch(/hunter2|bridge:|hun/)
  expect(faultsOf({ environment: { BANLIST_DB_FILE: value } }).join()).not.toMatch(/hunter2/)
})

test('the modes of TLS are those of libpq, and others are named as a fault', () => {
  const faultsOfMode = (query: string) => faultsOf({ environment: { BANLIST_DB: `postgres://u:p@h/d?${query}` } })
  for (const mode of ['disable', 'allow', 'prefer', 'require', 'verify-full']) expect(faultsOfMode(`sslmode=${mode}`)).toEqual([])
  expect(faultsOfMode('sslmode=verify-ca&sslrootcert=/etc/ca.pem')).toEqual([])
  expect(faultsOfMode('sslmode=verify_full')).toEqual([
    'banlist_db has an sslmode that does not exist: it is one of disable, allow, prefer, require, verify-ca, verify-full',
  ])
  expect(faultsOfMode('sslmode=verify-ca')).toEqual([expect.stringMatching(/^banlist_db has sslmode=verify-ca without sslrootcert/)])
})
