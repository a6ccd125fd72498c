import { setTimeout as pause } from 'node:timers/promises'
import type { LocalBroker } from '../../../deploy/local/kafka/broker.ts'
import type { Role } from '../harness/brokers.ts'
import type { Bar, Fault, Inject } from '../harness/fault.ts'
import type { World } from '../harness/world.ts'
import { BARS } from './bars.ts'

const DOWN_MS = 12_000
const FROZEN_MS = 30_000
const ALL_DOWN_MS = 40_000
const WITHOUT_LOG_MS = 3000

/** Crashes, freezes and restarts of brokers. */
export const BROKER_FAULTS: readonly Fault[] = [
  kill('leader', BARS.leaderKilled),
  kill('coordinator', BARS.coordinatorGone),
  kill('controller', BARS.controllerKilled),
  {
    name: 'SIGKILL of the broker that controls, leads and coordinates',
    bar: BARS.allRolesKilled,
    prepare: async (world) => {
      await world.brokers.uniteRoles()
      await settled(world)
      return killAndRestart(await world.brokers.inRole('controller'))
    },
  },
  freeze('leader', BARS.leaderFrozen),
  freeze('coordinator', BARS.coordinatorGone),
  {
    name: 'rolling SIGTERM of the brokers',
    bar: BARS.brokersRolled,
    prepare: async ({ brokers }) => {
      return async () => {
        for (const broker of brokers.all) {
          await broker.stop()
          await broker.start()
          await brokers.untilInSync()
        }
      }
    },
  },
  {
    name: "the log's leader moved by Kafka's own tool",
    bar: BARS.leaderMoved,
    prepare: async ({ brokers }) => {
      const before = await brokers.inRole('leader')
      return async () => {
        await brokers.moveLogLeader()
        return (await brokers.inRole('leader')).id === before.id ? ['the leader did not move'] : []
      }
    },
  },
  {
    name: 'the log deleted and made again',
    bar: { takeOvers: 1, isLogLost: true, lossBecause: 'the log that it stood in was deleted' },
    prepare: async ({ brokers, topic, archive }) => {
      const name = topic('p2p-events')
      await archive.catchUp()
      return async () => {
        await brokers.deleteTopic(name)
        archive.restart(name)
        await pause(WITHOUT_LOG_MS)
        await brokers.makeTopics([{ name, partitions: 1, config: { 'message.timestamp.type': 'LogAppendTime' } }])
      }
    },
  },
  {
    name: 'all brokers killed, 40 s',
    bar: BARS.outage,
    prepare: async ({ brokers }) => {
      return async () => {
        await Promise.all(brokers.all.map((broker) => broker.kill()))
        await pause(ALL_DOWN_MS)
        await Promise.all(brokers.all.map((broker) => broker.start()))
      }
    },
  },
]

function kill(role: Role, bar: Bar): Fault {
  return { name: `SIGKILL of the ${role}'s broker`, bar, prepare: async (world) => killAndRestart(await onlyInRole(world, role)) }
}

function killAndRestart(broker: LocalBroker): Inject {
  return async () => {
    await broker.kill()
    await pause(DOWN_MS)
    await broker.start()
  }
}

function freeze(role: Role, bar: Bar): Fault {
  return {
    name: `SIGSTOP of the ${role}'s broker, 30 s`,
    bar,
    prepare: async (world) => {
      const broker = await onlyInRole(world, role)
      return async () => {
        await broker.freeze()
        await pause(FROZEN_MS)
        await broker.thaw()
      }
    },
  }
}

/** A broker that has this role and no other. */
async function onlyInRole(world: World, role: Role): Promise<LocalBroker> {
  await world.brokers.separateRoles()
  await settled(world)
  return world.brokers.inRole(role)
}

/** Members of groups take a moment to find a coordinator that has moved: their commits show that they have found it. */
async function settled({ brokers, untilWhole, bridgeId, topic }: World): Promise<void> {
  await brokers.untilInSync()
  await untilWhole()
  await brokers.untilCommits(`${bridgeId}.log`, topic('p2p-events'))
  await brokers.untilCommits(`${bridgeId}.log`, topic('blockchain-notifications'))
  await brokers.untilCommits(`${bridgeId}.gossip`, topic('blockchain-notifications'))
}
