import { expect, test } from 'vitest'
import { SettingsError } from '../../../../src/config/settings-error.ts'
import { settingsOf } from '../../../support/bridge/settings.ts'

function faultsOf(environment: Record<string, string>): string[] {
  try {
    settingsOf(environment)
    return []
  } catch (error) {
    if (error instanceof SettingsError) return error.faults.map((fault) => fault.message)
    throw error
  }
}

/** Seed and public key of RFC 8032's first test, and the peer id that they make. */
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'

test('a relay of the plain dialect needs the handshake topic', () => {
  expect(faultsOf({ P2P_HANDSHAKE_TOPIC: '' })).toEqual(['p2p_handshake_topic not set in config'])
})

test('an edge does not need it', () => {
  expect(faultsOf({ P2P_HANDSHAKE_TOPIC: '', P2P_LISTEN_ADDRESSES: '', ROLES: 'edge' })).toEqual([])
})

test.each([['P2P_LISTEN_ADDRESSES'], ['P2P_BLOCK_TOPIC'], ['KAFKA_BROKERS'], ['KAFKA_TOPIC_EVENTS'], ['ROLES']])(
  '%s must not be empty',
  (name) => {
    expect(faultsOf({ [name]: '' })).toEqual([`${name.toLowerCase()} not set in config`])
  },
)

test.each<[string, Record<string, string>, RegExp]>([
  [
    'two roles of topics in one topic',
    { KAFKA_TOPIC_BLOCKS: 'subtrees' },
    /^kafka_topic_subtrees is "subtrees", as kafka_topic_blocks is: they should differ$/,
  ],
  ['two kinds of gossip on one topic', { P2P_SUBTREE_TOPIC: 'block' }, /^p2p_subtree_topic is "block", as p2p_block_topic is/],
  ['one port for two listeners', { P2P_PORT: '9908' }, /^p2p_port has port 9908, as healthListenAddress has/],
  ['a name that makes no group name', { CLIENTNAME: 'My node' }, /^bridge_id not set in config, and clientName "My node" cannot stand in/],
  [
    'a certificate without its key',
    { KAFKA_SSL_ENABLED: 'true', KAFKA_SSL_CERT_FILE: 'a' },
    /^kafka_ssl_cert_file and kafka_ssl_key_file should be set together/,
  ],
  ['TLS files without TLS', { KAFKA_SSL_CA_FILE: 'a' }, /^kafka_ssl_ca_file is set, but kafka_ssl_enabled is false/],
  [
    'a login without a password',
    { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'a' },
    /^kafka_sasl_password not set in config, but kafka_sasl_mechanism plain/,
  ],
  ['a password without a login', { KAFKA_SASL_PASSWORD: 'a' }, /^kafka_sasl_password is set, but kafka_sasl_mechanism is none/],
  ['a private DHT without its key', { P2P_DHT_USE_PRIVATE: 'true' }, /^p2p_shared_key not set in config, but p2p_dht_use_private is true/],
  [
    'a pool of keys without its database',
    { IDENTITY_ENCRYPTION_KEY: 'ab'.repeat(32) },
    /^identity_encryption_key is set, but banlist_db is not: the pool of keys is kept in that database, so set it too$/,
  ],
  [
    'TLS for browsers without a certificate',
    { SECURITYLEVELHTTP: '1', SERVER_KEYFILE: 'k' },
    /^server_certFile not set in config, but securityLevelHTTP 1/,
  ],
  ['no copies at all', { KAFKA_REPLICATION_FACTOR: '0' }, /^kafka_replication_factor is "0": should be -1 or 1 and more$/],
  [
    'a log that forgets too early',
    { KAFKA_RETENTION_EVENTS: '30m', SEEN_WINDOW: '20m' },
    /^kafka_retention_events should be at least twice the seen_window/,
  ],
])('%s is a fault', (_what, environment, expected) => {
  expect(faultsOf(environment)).toEqual([expect.stringMatching(expected)])
})

const DASHBOARD_ADMIN = {
  DASHBOARD_ADMIN: 'true',
  ADMIN_API_KEY: 'a-key-of-more-than-16-characters',
  P2P_HTTPLISTENADDRESS: '127.0.0.1:9906',
}
const TLS = { SECURITYLEVELHTTP: '1', SERVER_CERTFILE: 'c', SERVER_KEYFILE: 'k' }

test.each<[string, Record<string, string>]>([
  ['on the loopback', {}],
  ['on the loopback of IPv6', { P2P_HTTPLISTENADDRESS: '[::1]:9906' }],
  ['by its name', { P2P_HTTPLISTENADDRESS: 'localhost:9906' }],
  ['with TLS', { P2P_HTTPLISTENADDRESS: ':9906', ...TLS }],
])('bans may be changed on the dashboard %s', (_, environment) => {
  expect(faultsOf({ ...DASHBOARD_ADMIN, ...environment })).toEqual([])
})

test.each<[string, Record<string, string>, RegExp]>([
  ['without TLS on all interfaces', { P2P_HTTPLISTENADDRESS: ':9906' }, /would cross the network in the clear: set securityLevelHTTP to 1/],
  ['without TLS on another address', { P2P_HTTPLISTENADDRESS: '10.0.0.1:9906' }, /in the clear/],
  ['without a key', { ADMIN_API_KEY: '' }, /admin_api_key is not set/],
  ['without a ban list', { ROLES: 'edge' }, /roles lacks .* relay, which has the ban list/],
  ['without browsers', { ROLES: 'relay' }, /roles lacks edge/],
])('and not %s', (_, environment, expected) => {
  expect(faultsOf({ ...DASHBOARD_ADMIN, ...environment })).toEqual([expect.stringMatching(/^dashboard_admin is true, but /)])
  expect(faultsOf({ ...DASHBOARD_ADMIN, ...environment })).toEqual([expect.stringMatching(expected)])
})

const JWT = { WS_AUTH: 'jwt', WS_AUTH_JWKS_FILE: '/keys', WS_AUTH_ISSUER: 'i', WS_AUTH_AUDIENCE: 'a' }
const TOKEN = '0123456789abcdef'

test.each<[string, Record<string, string>, string[]]>([
  ['none', {}, []],
  ['static', { WS_AUTH: 'static', WS_AUTH_TOKEN: TOKEN }, []],
  ['jwt', JWT, []],
  ['static without a token', { WS_AUTH: 'static' }, ['ws_auth_token not set in config, but ws_auth static needs it']],
  [
    'a token without static',
    { WS_AUTH_TOKEN: TOKEN },
    ['ws_auth_token is set, but ws_auth is none: set that to static, or leave this empty'],
  ],
  ['jwt without an issuer', { ...JWT, WS_AUTH_ISSUER: '' }, ['ws_auth_issuer not set in config, but ws_auth jwt needs it']],
  ['jwt without algorithms', { ...JWT, WS_AUTH_ALGORITHMS: '' }, ['ws_auth_algorithms not set in config, but ws_auth jwt needs it']],
  [
    'jwt and a token',
    { ...JWT, WS_AUTH_TOKEN: TOKEN },
    ['ws_auth_token is set, but ws_auth is jwt: set that to static, or leave this empty'],
  ],
  [
    'keys without jwt',
    { WS_AUTH_JWKS_FILE: '/keys' },
    ['ws_auth_jwks_file is set, but ws_auth is none: set that to jwt, or leave this empty'],
  ],
])('the tokens of clients: %s', (_what, environment, faults) => {
  expect(faultsOf(environment)).toEqual(faults)
})

test('a token of clients that no subprotocol could carry is refused, and not shown', () => {
  const [fault = ''] = faultsOf({ WS_AUTH: 'static', WS_AUTH_TOKEN: 'a token with blanks and = in it' })
  expect(fault).toMatch(/^ws_auth_token .*should be 16 to 256 letters/)
  expect(fault).not.toContain('blanks')
})

test('the same port on two addresses of the machine is none', () => {
  expect(faultsOf({ P2P_HTTPLISTENADDRESS: '127.0.0.1:9000', HEALTHLISTENADDRESS: '127.0.0.2:9000' })).toEqual([])
})

test('no fault follows from another one', () => {
  expect(faultsOf({ KAFKA_SASL_MECHANISM: 'gssapi', KAFKA_SASL_PASSWORD: 'x' })).toHaveLength(1)
})

test('the expected peer id must be the one that the key makes', () => {
  const key = SEED + PUBLIC
  expect(faultsOf({ P2P_PRIVATE_KEY: key, P2P_PEER_ID: '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK' })).toEqual([
    expect.stringMatching(/^p2p_peer_id is "12D3KooWESmh.*", but p2p_private_key makes "12D3KooW.*": correct one of them$/),
  ])
})

const ENVELOPE = { GOSSIP_DIALECT: 'envelope', ASSET_HTTPPUBLICADDRESS: 'https://node.example.org/api/v1' }

test.each<[string, Record<string, string>]>([
  ['no public one is set', { ASSET_HTTPPUBLICADDRESS: '' }],
  ['it leads into a private network', { ASSET_HTTPPUBLICADDRESS: 'http://10.1.2.3/api/v1' }],
  ['it has characters that cannot be printed', { ASSET_HTTPPUBLICADDRESS: 'https://node.example.org/a\u202eb' }],
  ['it has a placeholder', { ASSET_HTTPPUBLICADDRESS: 'https://{HOST}/api/v1' }],
  ['it has a broken escape', { ASSET_HTTPPUBLICADDRESS: 'https://node.example.org/%zz' }],
  ['it has no host but dots', { ASSET_HTTPPUBLICADDRESS: 'http://.../api/v1' }],
  [
    'private ones are accepted, and the network is mainnet',
    { ASSET_HTTPPUBLICADDRESS: '', ALLOW_PRIVATE_URLS: 'true', NETWORK: 'mainnet' },
  ],
  ['it is too long', { ASSET_HTTPPUBLICADDRESS: `https://node.example.org/${'x'.repeat(2048)}` }],
])('in the dialect envelope an announced URL for which peers ban us ends the start: %s', (_, environment) => {
  const [fault, ...others] = faultsOf({ ...ENVELOPE, ...environment })
  expect(others).toEqual([])
  expect(fault).toMatch(
    /^asset_http(Public)?Address is a URL for which peers of the dialect envelope ban this node: .*; set asset_httpPublicAddress/,
  )
})

test.each<[string, Record<string, string>]>([
  ['it is public', {}],
  ['its trailing newline is cut off', { ASSET_HTTPPUBLICADDRESS: 'https://node.example.org/api/v1\n' }],
  ['nobody hears it', { ASSET_HTTPPUBLICADDRESS: '', LISTEN_MODE: 'listen_only' }],
  ['there are no peers', { ASSET_HTTPPUBLICADDRESS: '', ROLES: 'edge' }],
  ['the network is a test', { ASSET_HTTPPUBLICADDRESS: '', ALLOW_PRIVATE_URLS: 'true', NETWORK: 'teratestnet' }],
  ['the peers score nobody', { ASSET_HTTPPUBLICADDRESS: '', GOSSIP_DIALECT: 'plain' }],
])('an announced URL is right when %s', (_, environment) => {
  expect(faultsOf({ ...ENVELOPE, ...environment })).toEqual([])
})

test('each dialect needs its own topics', () => {
  expect(faultsOf({ ...ENVELOPE, P2P_HANDSHAKE_TOPIC: '', P2P_MINING_ON_TOPIC: '' })).toEqual([])
  expect(faultsOf({ ...ENVELOPE, P2P_NODE_STATUS_TOPIC: '' })).toEqual(['p2p_node_status_topic not set in config'])
  expect(faultsOf({ P2P_NODE_STATUS_TOPIC: '' })).toEqual([])
})

test('the second topic of rejected transactions differs from the others', () => {
  expect(faultsOf({ ...ENVELOPE, P2P_REJECTED_TX_SECOND_TOPIC: 'block' })).toHaveLength(1)
  expect(faultsOf({ ...ENVELOPE, P2P_REJECTED_TX_SECOND_TOPIC: 'rejected-tx' })).toEqual([])
})

test('what serves the peers and bans of a relay is refused without one, and not listened to where admin is not asked for', () => {
  const addresses = { ADMIN_LISTEN_ADDRESS: '127.0.0.1:9910', P2P_GRPCLISTENADDRESS: '127.0.0.1:9904' }
  expect(faultsOf({ ...addresses, ROLES: 'edge,admin' })).toEqual([
    expect.stringMatching(/^admin_listen_address is set, but roles lack relay/),
    expect.stringMatching(/^p2p_grpcListenAddress is set, but roles lack relay/),
  ])
  expect(faultsOf({ ...addresses, ROLES: 'edge' })).toEqual([])
  expect(faultsOf(addresses)).toEqual([])
})
