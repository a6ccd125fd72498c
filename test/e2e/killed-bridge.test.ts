import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createTwoNodes, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'

const EACH_WAY = 200
const PER_SECOND = 50
/** Produced at once just before the kill, so that some are on their way when it comes. */
const LAST_WORDS = 40

async function arrivedAt(node: NodeEnvironment): Promise<Set<string | undefined>> {
  return new Set((await tailTopic('subtrees', node.environment)).map(({ key }) => key))
}

test('when a bridge is killed amid traffic and started again, all that was produced on both sides is at the other', async () => {
  const [a, b] = await createTwoNodes()
  const services = await createNodeServices()
  const [bridgeA, bridgeB] = [startBridgeProcess(a.environment), startBridgeProcess(b.environment)]
  await Promise.all([bridgeA.ready(), bridgeB.ready()])
  const [ofA, ofB]: [string[], string[]] = [[], []]
  const announce = async (count: number) => {
    ofA.push(...(await services.announceSubtrees(a.topic('blockchain-notifications'), count)))
    ofB.push(...(await services.announceSubtrees(b.topic('blockchain-notifications'), count)))
  }
  const announceFor = async (count: number) => {
    for (let announced = 0; announced < count; announced++) {
      await announce(1)
      await pause(1000 / PER_SECOND)
    }
  }

  await announceFor(EACH_WAY / 2)
  await announce(LAST_WORDS)
  const published = () => bridgeA.metric('bridge_gossip_published_messages_total')
  await eventually(async () => (await published()) >= ofA.length - LAST_WORDS / 2, { timeoutMs: 20_000, intervalMs: 5 })
  expect(await bridgeB.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' })
  const again = startBridgeProcess(b.environment)
  await announceFor(EACH_WAY / 2)
  await again.ready()

  for (const { hashes, receiver } of [
    { hashes: ofB, receiver: a },
    { hashes: ofA, receiver: b },
  ]) {
    const missing = async () => {
      const arrived = await arrivedAt(receiver)
      return hashes.filter((hash) => !arrived.has(hash))
    }
    await eventually(async () => expect(await missing()).toEqual([]), { timeoutMs: 30_000, intervalMs: 250 })
  }
})
