import { Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { runKafkaTool } from '../../../deploy/local/kafka/tool.ts'
import { freePorts } from '../../../deploy/local/processes/free-ports.ts'
import { createNodeServices } from '../../support/bridge/node-services.ts'
import { createNode, launchBridge, startBridge } from '../../support/bridge/start-bridge.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'
import { kafkaBrokers } from '../../support/stack/shared-stack.ts'
import { createTopicClient } from '../../support/stack/topic-client.ts'
import { startMirrorMaker } from './mirror-maker.ts'

const WITHIN = { timeoutMs: 180_000 }

interface Frame {
  readonly type: string
  readonly data?: { readonly subtree?: { readonly hash: string } }
}

/** As retention does: the log begins at the offset from now on. */
async function deleteRecords(topic: string, offset: bigint): Promise<void> {
  const admin = new Kafka({ brokers: kafkaBrokers(), logLevel: logLevel.NOTHING }).admin()
  try {
    await admin.connect()
    await admin.fetchTopicOffsets(topic) // kafkajs deletes only in topics whose leaders it has looked up
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: `${offset}` }] })
  } finally {
    await admin.disconnect()
  }
}

/** The hashes of all subtrees that a browser gets: those of the past, and new ones. */
function watchSubtrees(httpUrl: string): Set<string> {
  const hashes = new Set<string>()
  const socket = new WebSocket(`${httpUrl.replace('http', 'ws')}/ws`, 'gossip-bridge.v1+json')
  onEnd(() => socket.close())
  socket.on('message', (text) => {
    const { type, data } = JSON.parse(String(text)) as Frame
    if (type === 'hello') socket.send(JSON.stringify({ type: 'subscribe', types: ['subtree'], last: 10 }))
    if (type === 'event' && data?.subtree) hashes.add(data.subtree.hash)
  })
  return hashes
}

test('an edge serves browsers from an event log that MirrorMaker 2 copied, once its copy has the time of its broker', async () => {
  const [node, services, client] = await Promise.all([createNode(), createNodeServices(), createTopicClient()])
  await startBridge(node)
  const { events, notifications } = node.topics
  const removed = await services.announceSubtrees(notifications, 1)
  const offsetOf = async (hash: string) => (await client.readAll(events)).find(({ value }) => value?.includes(hash))?.offset
  // What the source has removed already: the offsets of the copy are others.
  const offset = await eventually(() => offsetOf(removed[0] ?? ''))
  await deleteRecords(events, offset + 1n)
  const past = await services.announceSubtrees(notifications, 3)
  await eventually(async () => expect(await Promise.all(past.map(offsetOf))).not.toContain(undefined))

  const mirror = await startMirrorMaker(events)
  const copy = `source.${events}`
  await eventually(async () => expect(await client.readAll(copy), mirror.log().slice(-3000)).not.toEqual([]), WITHIN)
  const [port] = await freePorts(1)
  const edge = await launchBridge(node, { ROLES: 'edge', TOPIC_PREFIX: '', KAFKA_TOPIC_EVENTS: copy, P2P_PORT: String(port) })
  const reason = () => edge.health.report().parts.find(({ part }) => part === 'event log topic')?.reason ?? ''
  // MirrorMaker leaves message.timestamp.type out of the settings that it copies.
  const [, command = ''] = await eventually(() => /kafka-configs (.*?)(;|$)/.exec(reason()))
  expect(command).toContain('message.timestamp.type=LogAppendTime')
  const args = command.split(' ')
  expect(await runKafkaTool('configs', args)).toMatchObject({ code: 0 })
  await eventually(() => expect(edge.health.report().parts.filter(({ ready }) => !ready)).toEqual([]), WITHIN)

  const seen = watchSubtrees(edge.httpUrl)
  await eventually(() => expect(past.every((hash) => seen.has(hash))).toBe(true), WITHIN)
  const later = await services.announceSubtrees(notifications, 2)
  await eventually(() => expect(later.every((hash) => seen.has(hash))).toBe(true), WITHIN)
  expect(seen.has(removed[0] ?? '')).toBe(false)
  expect(edge.health.report().parts.filter(({ ready }) => !ready)).toEqual([]) // what MirrorMaker copies leaves the setting as it is
})
