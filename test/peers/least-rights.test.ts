import { readFileSync } from 'node:fs'
import { multiaddr } from '@multiformats/multiaddr'
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, type Admin, Kafka, logLevel, ResourcePatternTypes } from 'kafkajs'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { projectFile } from '../../deploy/local/programs/local-files.ts'
import { startBareNode } from '../integration/gossip/start-host.ts'
import { FeedClient } from '../integration/websocket/feed-client.ts'
import { startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { type SecureBroker, startSecureBroker, USER } from '../support/stack/secure-broker.ts'

const WITHIN = { timeoutMs: 60_000, intervalMs: 250 }
const SUBTREES = 'bitcoin/regtest-subtree'

interface KafkaUser {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly authorization: { readonly acls: readonly { resource: { type: string; name: string }; operations: string[] }[] }
  }
}

let broker: SecureBroker
let admin: Admin

beforeAll(async () => {
  broker = await startSecureBroker()
  admin = new Kafka({ clientId: 'super-user', brokers: [broker.plain], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
})

afterAll(async () => {
  await admin?.disconnect()
  await broker?.stop()
})

/** Gives our user the rights of a user of deploy/kubernetes, for the names of a node, until the end of the test. */
async function grant(user: string, node: NodeEnvironment): Promise<void> {
  const users = parseAllDocuments(readFileSync(projectFile('deploy/kubernetes/strimzi/users.yaml'), 'utf8')).map(
    (each) => each.toJS() as KafkaUser,
  )
  const found = users.find(({ metadata }) => metadata.name === user)
  const acl = (found?.spec.authorization.acls ?? []).flatMap(({ resource: { type, name }, operations }) =>
    operations.map((operation) => ({
      resourceType: type === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
      resourceName: type === 'topic' ? node.topic(name) : name.replace('my-node', node.name),
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: `User:${USER.username}`,
      host: '*',
      operation: AclOperationTypes[operation.replace(/([a-z])([A-Z])/, '$1_$2').toUpperCase() as keyof typeof AclOperationTypes],
      permissionType: AclPermissionTypes.ALLOW,
    })),
  )
  await admin.createAcls({ acl })
  onTestFinished(async () => void (await admin.deleteAcls({ filters: acl })))
}

/** A node whose bridge logs in at the broker. Its topics are created by the super user. */
async function nodeWithLogin(): Promise<NodeEnvironment> {
  const node = await createNodeEnvironment({ KAFKA_BROKERS: broker.plain })
  await createNodeTopics(node)
  Object.assign(node.environment, {
    KAFKA_BROKERS: broker.sasl,
    KAFKA_SSL_ENABLED: 'true',
    KAFKA_SSL_CA_FILE: broker.files.ca,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: USER.username,
    KAFKA_SASL_PASSWORD: USER.password,
  })
  return node
}

async function recordsIn(topic: string): Promise<number> {
  const partitions = await admin.fetchTopicOffsets(topic)
  return partitions.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
}

/** A peer that announces subtrees until somebody has written one. */
async function announceUntil(node: NodeEnvironment, isWritten: () => Promise<boolean>): Promise<void> {
  const peer = await startBareNode([SUBTREES])
  await peer.dial(multiaddr(node.multiaddr))
  const PeerID = peer.peerId.toString()
  let serial = 0
  await eventually(async () => {
    const Hash = (serial++).toString(16).padStart(64, '0')
    const data = Buffer.from(JSON.stringify({ Hash, DataHubURL: 'http://127.0.0.1/api/v1', PeerID }))
    await peer.services.pubsub.publish(SUBTREES, data).catch(() => {}) // nobody subscribes yet
    expect(await isWritten()).toBe(true)
  }, WITHIN)
}

test('with the rights of gossip-bridge-relay a relay gets ready, and writes to each topic that it writes', {
  timeout: 240_000,
}, async () => {
  const node = await nodeWithLogin()
  await grant('gossip-bridge-relay', node)
  const bridge = startBridgeProcess({ ...node.environment, ROLES: 'relay,admin' })
  await bridge.ready()
  const services = await createNodeServices([broker.plain])
  const until = (topic: string) => eventually(async () => expect(await recordsIn(node.topic(topic))).toBeGreaterThan(0), WITHIN)
  await services.announceSubtrees(node.topic('blockchain-notifications'), 1)
  await until('p2p-events')
  await services.produce(node.topic('rejectedtx'), { key: 'x', value: 'what nobody can read' })
  await until('p2p-dead-letters')
  const ban = { action: 'add', key: '203.0.113.7', durationSeconds: 3600 }
  await services.produce(node.topic('ban-commands'), { key: ban.key, value: JSON.stringify(ban) })
  await until('p2p-bans')
  await announceUntil(node, async () => (await recordsIn(node.topic('subtrees'))) > 0)
  expect(bridge.output()).not.toMatch(/denies|AUTHORIZATION|not authorized/i)
  expect(await bridge.health('/readyz')).toMatch(/^200 /)
})

test('with the rights of gossip-bridge-edge an edge gets ready, and serves what stands in the event log', {
  timeout: 240_000,
}, async () => {
  const node = await nodeWithLogin()
  const relay = startBridgeProcess({
    ...node.environment,
    KAFKA_BROKERS: broker.plain,
    KAFKA_SSL_ENABLED: 'false',
    KAFKA_SASL_MECHANISM: 'none',
    KAFKA_SASL_USERNAME: '',
    KAFKA_SASL_PASSWORD: '',
    KAFKA_SSL_CA_FILE: '',
    ROLES: 'relay',
  })
  await relay.ready()
  await grant('gossip-bridge-edge', node)
  const { environment } = await createNodeEnvironment()
  const own = { P2P_HTTPLISTENADDRESS: environment.P2P_HTTPLISTENADDRESS ?? '', HEALTHLISTENADDRESS: environment.HEALTHLISTENADDRESS ?? '' }
  const edge = startBridgeProcess({ ...node.environment, ...own, ROLES: 'edge' })
  await edge.ready()
  const client = await FeedClient.live(`ws://${own.P2P_HTTPLISTENADDRESS}/p2p-ws`)
  const services = await createNodeServices([broker.plain])
  await services.announceSubtrees(node.topic('blockchain-notifications'), 1)
  await eventually(() => expect(client.frames('event').map(({ data }) => (data as { type: string }).type)).toContain('subtree'), WITHIN)
  expect(edge.output()).not.toMatch(/denies|AUTHORIZATION|not authorized/i)
})
