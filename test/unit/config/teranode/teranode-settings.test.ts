import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { effectiveSettings, ignoredSentence, remarkSentences } from '../../../../src/config/printing/effective.ts'
import { importedSettings } from '../../../../src/config/printing/imported.ts'
import type { SettingsReading } from '../../../../src/config/reading/read-settings.ts'
import { SettingsError } from '../../../../src/config/settings-error.ts'
import { readingOf } from '../../../support/bridge/settings.ts'

const [shipped, local] = ['settings.conf', 'settings_local.conf'].map((path) => ({
  path,
  text: readFileSync(new URL(`../../../fixtures/teranode/${path}`, import.meta.url), 'utf8'),
})) as [{ path: string; text: string }, { path: string; text: string }]
const PLACE = /settings(_local)?\.conf:\d+ \([\w.]+\)/

/** A name within a value. */
const ref = (name: string) => `\${${name}}`

function inContext(context: string, environment: Record<string, string> = {}, more = ''): SettingsReading {
  const files = [shipped, local, { path: 'more.conf', text: more }]
  return readingOf({ teranode: { files, context }, environment })
}

function faultsOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError)
    return (error as SettingsError).message
  }
  throw new Error('nothing was refused')
}

describe("Teranode's own settings files", () => {
  it('give brokers, topics, partitions, retention and encodings from the URLs', () => {
    expect(inContext('docker.host.node1').settings).toMatchObject({
      kafka_brokers: ['kafka-a:19092', 'kafka-b:19092'],
      kafka_topic_blocks: 'blocks-node1',
      kafka_topic_subtrees: 'subtrees',
      kafka_topic_invalid_blocks: 'invalid-blocks',
      kafka_replication_factor: 3,
      kafka_new_topics: [
        { role: 'blocks', partitions: 1, retentionMs: 60_000 },
        { role: 'subtrees', partitions: 8, retentionMs: 1_800_000 },
        { role: 'rejectedTx', partitions: 1, retentionMs: 600_000 },
      ],
      encoding_blocks: 'protobuf',
      encoding_rejected_tx: 'protobuf',
      encoding_notifications: 'avro',
    })
  })

  it('give what is meant for the context: the most specific key, of the last file that has it', () => {
    expect(inContext('docker.host.node1').settings).toMatchObject({
      clientName: 'node1',
      bridge_id: 'node1',
      network: 'regtest',
      listen_mode: 'listen_only',
      asset_httpPublicAddress: 'http://node1:8090/api/v1',
      p2p_ban_threshold: 250,
      p2p_static_peers: ['/dns/peer-2/tcp/9905/p2p/12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK', '/dnsaddr/bootstrap.example.org'],
      subtreevalidation_blacklisted_baseurls: ['slow.example.org', '203.0.113.7'],
      log_level: 'info',
      grpc_admin_api_key: '',
    })
    expect(inContext('operator.testnet').settings).toMatchObject({
      network: 'testnet',
      kafka_brokers: ['localhost:9092'],
      p2p_bootstrapAddresses: ['/dnsaddr/bootstrap.example.org'],
      p2p_static_peers: [],
    })
    expect(inContext('').settings.network).toBe('mainnet')
  })

  it('stand below the environment, which also replaces names within values', () => {
    const { settings } = inContext('docker.m', { KAFKA_PORT: '7777', P2P_BAN_THRESHOLD: '5', KAFKA_PARTITIONS_HIGH: '2' })
    expect(settings).toMatchObject({ kafka_brokers: ['kafka-shared:7777'], p2p_ban_threshold: 5 })
    expect(settings.kafka_new_topics[1]).toMatchObject({ partitions: 2 })
  })

  it('stand below the own file of the bridge', () => {
    const reading = readingOf({
      teranode: { files: [shipped], context: 'docker' },
      file: { path: 'bridge.yaml', text: 'kafka_topic_blocks: mine\nnetwork: teratestnet\nrequire_block_header: "false"' },
    })
    expect(reading.settings).toMatchObject({ kafka_topic_blocks: 'mine', network: 'teratestnet', kafka_topic_subtrees: 'subtrees' })
  })

  it('are the origin of each value, by file and line, and what is not used is listed once', () => {
    const reading = inContext('docker.host.node1')
    const lines = effectiveSettings(reading)
    expect(lines.find((line) => line.startsWith('P2P_BAN_THRESHOLD='))).toBe(
      'P2P_BAN_THRESHOLD="250"  # settings_local.conf:3 (p2p_ban_threshold)',
    )
    expect(lines.find((line) => line.startsWith('KAFKA_BROKERS='))).toMatch(PLACE)
    expect(lines.find((line) => line.startsWith('P2P_SHARED_KEY='))).toMatch(/\[secret\] {2}# settings\.conf:\d+/)
    const ignored = ignoredSentence(reading)
    expect(ignored).toContain('ASSET_HTTP_PORT, KAFKA_BLOCKS,')
    expect(ignored).not.toContain('clientName')
    for (const key of ['KAFKA_TLS_SKIP_VERIFY', 'grpc_admin_api_key'])
      expect(remarkSentences(reading)).toContainEqual(expect.stringContaining(`${key} is not taken over`))
  })

  it('give a name of the bridge that Kafka takes, and say so', () => {
    const reading = inContext('town')
    expect(reading.settings).toMatchObject({ clientName: "Rue d'Été 7", bridge_id: 'Rue-d-E-te-7' })
    expect(remarkSentences(reading)).toContainEqual(expect.stringContaining('bridge_id is "Rue-d-E-te-7", made from clientName'))
    // A comment begins within quotes too, as in Teranode.
    expect(inContext('lab').settings.clientName).toBe('"Älva\'s Node')
  })

  it('give nothing that nodes of the dialect envelope do not read', () => {
    const reading = inContext('docker', { GOSSIP_DIALECT: 'envelope', REQUIRE_BLOCK_HEADER: 'false' })
    expect(reading.settings.p2p_shared_key).toBe('')
    expect(remarkSentences(reading)).toContainEqual(expect.stringContaining('p2p_shared_key is not taken over (settings.conf:'))
    expect(inContext('docker').settings.p2p_shared_key).not.toBe('')
  })

  it('become a file of the bridge that says the same, without secrets', () => {
    const reading = inContext('docker.host.node1')
    const text = importedSettings(reading, { withSecrets: false })
    expect(text).not.toContain('abababab')
    expect(text).toContain('# p2p_shared_key:')
    const whole = importedSettings(reading, { withSecrets: true })
    const again = readingOf({ file: { path: 'bridge.yaml', text: whole } })
    expect({ ...again.settings, instance_id: '' }).toEqual({ ...reading.settings, instance_id: '' })
  })
})

describe('faults in them', () => {
  it.each([
    ['memory:// in the default context', 'dev', '', /settings\.conf:\d+ \(kafka_blocksConfig\): kafka_blocksConfig is memory:\/\//],
    [
      'a name that is set nowhere',
      'docker',
      `p2p_port = ${ref('NOWHERE')}`,
      `more.conf:1 (p2p_port): p2p_port refers to ${ref('NOWHERE')}, which is set neither`,
    ],
    ['a loop', 'docker', `p2p_port = ${ref('loop_a')}`, 'more.conf:1 (p2p_port): p2p_port refers to itself'],
    ['a wrong value', 'docker', '\n\np2p_port = 99x', 'p2p_port is "99x" (more.conf:3 (p2p_port)): should be a port'],
    [
      'other brokers',
      'docker',
      'kafka_subtreesConfig = kafka://elsewhere/subtrees',
      'kafka_subtreesConfig has other brokers than kafka_blocksConfig',
    ],
    ['no topic', 'docker', 'kafka_blocksConfig = kafka://host:9092/', 'kafka_blocksConfig should name one topic'],
    ['an encrypted value', 'docker', 'p2p_private_key = *EHE*abcdef', 'p2p_private_key is encrypted by Teranode'],
  ])('are said with their place: %s', (_what, context, more, message) => {
    expect(faultsOf(() => inContext(context, {}, more))).toMatch(message instanceof RegExp ? message : new RegExp(escaped(message)))
  })

  it('never show a secret, also in a line that is wrong', () => {
    const secret = 'hunter2hunter2'
    const more = [
      `p2p_private_key = ${secret}`,
      `grpc_admin_api_key = \${${secret} x}`,
      `kafka_blocksConfig = kafka://me:${secret}@host/blocks`,
    ]
    const message = faultsOf(() => inContext('docker', {}, more.join('\n')))
    expect(message).toContain('p2p_private_key is [secret] (more.conf:1')
    expect(message).toContain('more.conf:2 (grpc_admin_api_key): grpc_admin_api_key refers to something that is no name')
    expect(message).toContain('more.conf:3 (kafka_blocksConfig): kafka_blocksConfig has a user or password')
    expect(message).not.toContain(secret)
  })

  it('do not count where the own settings say otherwise', () => {
    const own = { KAFKA_BROKERS: 'a:1', KAFKA_TOPIC_BLOCKS: 'b', KAFKA_TOPIC_SUBTREES: 's', KAFKA_TOPIC_REJECTED_TX: 'r' }
    expect(inContext('dev', own).settings).toMatchObject({ kafka_brokers: ['a:1'], kafka_topic_blocks: 'b', network: 'regtest' })
  })

  it('end expanding soon, whatever the names refer to', () => {
    const doubling = Array.from({ length: 40 }, (_, at) => `n${at} = \${n${at + 1}}\${n${at + 1}}`).join('\n')
    expect(faultsOf(() => inContext('docker', {}, `${doubling}\np2p_port = \${n0}`))).toContain('p2p_port refers to itself')
  })
})

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
