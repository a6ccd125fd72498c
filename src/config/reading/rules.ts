import type { ListenAddress } from '../../addresses/host-port.ts'
import { isLoopbackAddress } from '../../addresses/ip-address.ts'
import { parsePostgresUrl } from '../../addresses/postgres-url.ts'
import { parseKey, peerIdOfKey } from '../../identity/key-text.ts'
import { DIALECTS } from '../../messages/dialects/dialects.ts'
import type { ParsedSettings, SettingName } from '../settings.ts'
import type { Fault } from '../settings-error.ts'
import { GOSSIP_TOPIC_SETTINGS, namesBySetting, neededTopicSettings } from '../topic-names.ts'

type Rule = (settings: ParsedSettings) => Fault[]

/** The rules between settings, as roles and dialect require them. Each rule assumes that every setting it names is valid alone. */
export function brokenRules(settings: ParsedSettings): Fault[] {
  return [
    required,
    bridgeName,
    distinctNames,
    topicLengths,
    distinctPorts,
    kafkaLogin,
    database,
    peerIdentity,
    identityPool,
    privateNetwork,
    announcedUrl,
    tlsFiles,
    dashboardAdmin,
    clientTokens,
    adminNeedsRelay,
    retention,
  ].flatMap((rule) => rule(settings))
}

const ALWAYS: SettingName[] = ['roles', 'clientName', 'kafka_brokers']

/** The wording is that of the network's other nodes, because operators search for it. */
const required: Rule = (settings) => {
  const topics = namesBeginning(settings, 'kafka_topic_')
  const forRelay: SettingName[] = ['p2p_listen_addresses', ...neededTopicSettings(settings.gossip_dialect)]
  const needed = [...ALWAYS, ...topics, ...(settings.roles.includes('relay') ? forRelay : [])]
  return needed.filter((name) => settings[name] === '' || isEmptyList(settings[name])).map((name) => fault([name], 'not set in config'))
}

const bridgeName: Rule = ({ bridge_id, clientName }) =>
  bridge_id !== '' || clientName === '' || /^[A-Za-z0-9._-]{1,100}$/.test(clientName)
    ? []
    : [
        fault(
          ['bridge_id', 'clientName'],
          `not set in config, and clientName ${JSON.stringify(clientName)} cannot stand in: set it to letters, digits, dots, dashes and underscores, at most 100`,
        ),
      ]

const distinctNames: Rule = (settings) => [
  ...repeated(settings, namesBeginning(settings, 'kafka_topic_')),
  ...repeated(settings, [...GOSSIP_TOPIC_SETTINGS, 'p2p_bestblock_topic', 'p2p_rejected_tx_second_topic']),
]

/** Kafka refuses longer names. */
const LONGEST_TOPIC = 249

const topicLengths: Rule = (settings) =>
  namesBySetting(settings)
    .filter(([, name]) => name.length > LONGEST_TOPIC)
    .map(([setting, name]) =>
      fault(
        [setting, 'topic_prefix', 'topic_suffix'],
        `makes a topic name of ${name.length} characters with topic_prefix and topic_suffix: at most ${LONGEST_TOPIC} are allowed`,
      ),
    )

const distinctPorts: Rule = (settings) => {
  const isRelay = settings.roles.includes('relay')
  const isEdge = settings.roles.includes('edge')
  const ports: [SettingName, number][] = [['healthListenAddress', settings.healthListenAddress.port]]
  if (isEdge) ports.push(['p2p_httpListenAddress', settings.p2p_httpListenAddress.port])
  if (isRelay) ports.push(['p2p_port', settings.p2p_port])
  for (const name of ['admin_listen_address', 'p2p_grpcListenAddress'] as const) {
    const address = settings[name]
    if (address !== null && settings.roles.includes('admin')) ports.push([name, address.port])
  }
  return ports.flatMap(([name, port], at) => {
    const other = ports.slice(0, at).find((earlier) => earlier[1] === port)
    return other && mayCollide(settings, name, other[0])
      ? [fault([name, other[0]], `has port ${port}, as ${other[0]} has: they should differ`)]
      : []
  })
}

/** Two different addresses of the machine may use the same port. */
function mayCollide(settings: ParsedSettings, ...names: [SettingName, SettingName]): boolean {
  const [one, other] = names.map((name) => (name === 'p2p_port' ? null : (settings[name] as ListenAddress).host))
  return one === null || other === null || one === other || one === undefined || other === undefined
}

const kafkaLogin: Rule = (settings) => {
  const { kafka_ssl_enabled: isTls, kafka_sasl_mechanism: mechanism } = settings
  const faults: Fault[] = []
  const files = ['kafka_ssl_ca_file', 'kafka_ssl_cert_file', 'kafka_ssl_key_file', 'kafka_ssl_key_password'] as const
  if (!isTls)
    faults.push(
      ...files
        .filter((name) => settings[name] !== '')
        .map((name) => fault([name, 'kafka_ssl_enabled'], 'is set, but kafka_ssl_enabled is false: set that to true')),
    )
  if ((settings.kafka_ssl_cert_file === '') !== (settings.kafka_ssl_key_file === '')) {
    faults.push(fault(['kafka_ssl_cert_file', 'kafka_ssl_key_file'], 'and kafka_ssl_key_file should be set together: one of them is empty'))
  }
  const login = ['kafka_sasl_username', 'kafka_sasl_password'] as const
  for (const name of login) {
    if (mechanism !== 'none' && settings[name] === '')
      faults.push(fault([name, 'kafka_sasl_mechanism'], `not set in config, but kafka_sasl_mechanism ${mechanism} needs it`))
    if (mechanism === 'none' && settings[name] !== '')
      faults.push(
        fault(
          [name, 'kafka_sasl_mechanism'],
          'is set, but kafka_sasl_mechanism is none: set that to plain, scram-sha-256 or scram-sha-512',
        ),
      )
  }
  return faults
}

const database: Rule = ({ banlist_db }) => {
  const parsed = banlist_db === '' ? undefined : parsePostgresUrl(banlist_db)
  return parsed && 'fault' in parsed ? [fault(['banlist_db'], parsed.fault)] : []
}

const peerIdentity: Rule = ({ p2p_peer_id, p2p_private_key }) => {
  if (p2p_peer_id === '' || p2p_private_key === '') return []
  const key = parseKey(p2p_private_key)
  const made = 'fault' in key ? '' : peerIdOfKey(key)
  return made === p2p_peer_id
    ? []
    : [fault(['p2p_peer_id', 'p2p_private_key'], `is "${p2p_peer_id}", but p2p_private_key makes "${made}": correct one of them`)]
}

const identityPool: Rule = ({ roles, identity_encryption_key, banlist_db }) =>
  roles.includes('relay') && identity_encryption_key !== '' && banlist_db === ''
    ? [
        fault(
          ['identity_encryption_key', 'banlist_db'],
          'is set, but banlist_db is not: the pool of keys is kept in that database, so set it too',
        ),
      ]
    : []

/** What the admin API and gRPC show and change is in the relay: its peers and its bans. */
const adminNeedsRelay: Rule = ({ roles, admin_listen_address, p2p_grpcListenAddress }) => {
  if (!roles.includes('admin') || roles.includes('relay')) return []
  const addresses = { admin_listen_address, p2p_grpcListenAddress }
  return (Object.keys(addresses) as (keyof typeof addresses)[])
    .filter((name) => addresses[name] !== null)
    .map((name) => fault([name, 'roles'], 'is set, but roles lack relay, whose peers and bans it serves: add relay, or leave admin out'))
}

const privateNetwork: Rule = ({ roles, p2p_dht_use_private, p2p_shared_key }) =>
  roles.includes('relay') && p2p_dht_use_private && p2p_shared_key === ''
    ? [
        fault(
          ['p2p_shared_key', 'p2p_dht_use_private'],
          'not set in config, but p2p_dht_use_private is true: a private network needs its key',
        ),
      ]
    : []

/** Peers score a node for a URL that breaks their rules, and ban all that stands behind its address after a few messages. */
const announcedUrl: Rule = (settings) => {
  const { roles, network, gossip_dialect, listen_mode, asset_httpPublicAddress, asset_httpAddress, allow_private_urls } = settings
  if (!roles.includes('relay') || listen_mode !== 'full') return []
  const name = asset_httpPublicAddress === '' ? 'asset_httpAddress' : 'asset_httpPublicAddress'
  const dataHubUrl = asset_httpPublicAddress || asset_httpAddress
  // What we accept says nothing of what others accept: on mainnet nobody takes a private URL.
  const allowPrivateUrls = allow_private_urls && network !== 'mainnet'
  const broken = DIALECTS[gossip_dialect].urlFault({ dataHubUrl, allowPrivateUrls })
  if (broken === undefined) return []
  const advice = 'set asset_httpPublicAddress to a public URL, or listen_mode to listen_only'
  return [
    fault(
      [name, 'asset_httpPublicAddress', 'gossip_dialect'],
      `is a URL for which peers of the dialect ${gossip_dialect} ban this node: ${broken}; ${advice}`,
    ),
  ]
}

const tlsFiles: Rule = ({ securityLevelHTTP, securityLevelGRPC, server_certFile, server_keyFile }) => {
  const [name, level] =
    securityLevelHTTP > 0 ? ['securityLevelHTTP', securityLevelHTTP] : (['securityLevelGRPC', securityLevelGRPC] as const)
  if (level === 0) return []
  const missing = [...(server_certFile === '' ? ['server_certFile'] : []), ...(server_keyFile === '' ? ['server_keyFile'] : [])]
  return missing.map((file) => fault([file, name], `not set in config, but ${name} ${level} needs it`))
}

const OF_AUTH = {
  none: [],
  static: ['ws_auth_token'],
  jwt: ['ws_auth_jwks_file', 'ws_auth_issuer', 'ws_auth_audience'],
} as const

const clientTokens: Rule = (settings) => {
  const { ws_auth, ws_auth_algorithms } = settings
  const needed: readonly SettingName[] = OF_AUTH[ws_auth]
  const faults = needed
    .filter((name) => settings[name] === '')
    .map((name) => fault([name, 'ws_auth'], `not set in config, but ws_auth ${ws_auth} needs it`))
  for (const kind of ['static', 'jwt'] as const) {
    const others = kind === ws_auth ? [] : OF_AUTH[kind].filter((name) => settings[name] !== '')
    faults.push(
      ...others.map((name) => fault([name, 'ws_auth'], `is set, but ws_auth is ${ws_auth}: set that to ${kind}, or leave this empty`)),
    )
  }
  if (ws_auth === 'jwt' && ws_auth_algorithms.length === 0)
    faults.push(fault(['ws_auth_algorithms', 'ws_auth'], 'not set in config, but ws_auth jwt needs it'))
  return faults
}

/** A key that is typed on a page must not cross a network in the clear. */
const dashboardAdmin: Rule = ({ dashboard_admin, roles, admin_api_key, securityLevelHTTP, p2p_httpListenAddress: { host } }) => {
  if (!dashboard_admin) return []
  const faults: Fault[] = []
  const add = (name: SettingName, text: string) => faults.push(fault(['dashboard_admin', name], `is true, but ${text}`))
  if (!roles.includes('edge') || !roles.includes('relay'))
    add('roles', 'roles lacks edge, which serves the dashboard, or relay, which has the ban list: set roles to both, or this to false')
  if (admin_api_key === '') add('admin_api_key', 'admin_api_key is not set, so nothing could be changed: set it')
  if (securityLevelHTTP === 0 && !isLoopbackHost(host))
    add(
      'securityLevelHTTP',
      'the dashboard has no TLS, so its key would cross the network in the clear: set securityLevelHTTP to 1, or p2p_httpListenAddress to the loopback such as 127.0.0.1:9906',
    )
  return faults
}

function isLoopbackHost(host: string | null): boolean {
  return host === 'localhost' || (host !== null && isLoopbackAddress(host))
}

const retention: Rule = ({ kafka_replication_factor, kafka_retention_events, seen_window }) => [
  ...(kafka_replication_factor === 0 ? [fault(['kafka_replication_factor'], 'is "0": should be -1 or 1 and more')] : []),
  ...(kafka_retention_events < 2 * seen_window
    ? [
        fault(
          ['kafka_retention_events', 'seen_window'],
          'should be at least twice the seen_window, which is read back from the log at start',
        ),
      ]
    : []),
]

function fault(settings: [string, ...string[]], text: string): Fault {
  return { settings, message: `${settings[0]} ${text}` }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

function namesBeginning(settings: ParsedSettings, prefix: string): SettingName[] {
  return (Object.keys(settings) as SettingName[]).filter((name) => name.startsWith(prefix))
}

function repeated(settings: ParsedSettings, names: readonly SettingName[]): Fault[] {
  return names.flatMap((name, at) => {
    const earlier = names.slice(0, at).find((other) => settings[other] === settings[name])
    return earlier && settings[name] !== '' ? [fault([name, earlier], `is "${settings[name]}", as ${earlier} is: they should differ`)] : []
  })
}
