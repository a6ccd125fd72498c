import { setTimeout as pause } from 'node:timers/promises'
import type { LocalBroker } from '../../../deploy/local/kafka-broker.ts'
import type { Role } from '../harness/brokers.ts'
import type { Bar, Fault } from '../harness/fault.ts'
import type { World } from '../harness/world.ts'
import { BARS } from './bars.ts'

const DOWN_MS = 12_000
const FROZEN_MS = 30_000
const ALL_DOWN_MS = 40_000
const WITHOUT_LOG_MS = 3000
const ALL_ROLES: readonly Role[] = ['leader', 'coordinator', 'controller']

/** Crashes, freezes and restarts of brokers. */
export const BROKER_FAULTS: readonly Fault[] = [
  kill('leader', BARS.leaderKilled),
  kill('coordinator', BARS.coordinatorGone),
  kill('controller', BARS.coordinatorGone),
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
    bar: { ...BARS.brokersRolled, takeOvers: 0 },
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
  return {
    name: `SIGKILL of the ${role}'s broker`,
    bar,
    prepare: async (world) => {
      const { broker, roles } = await oneInRole(world, role)
      const inject = async () => {
        await broker.kill()
        await pause(DOWN_MS)
        await broker.start()
      }
      return { inject, bar: roles.includes('coordinator') ? BARS.coordinatorGone : bar }
    },
  }
}

function freeze(role: Role, bar: Bar): Fault {
  return {
    name: `SIGSTOP of the ${role}'s broker, 30 s`,
    bar,
    prepare: async (world) => {
      const { broker, roles } = await oneInRole(world, role)
      const inject = async () => {
        await broker.freeze()
        await pause(FROZEN_MS)
        await broker.thaw()
      }
      return { inject, bar: roles.includes('coordinator') ? BARS.coordinatorGone : bar }
    },
  }
}

/** The broker, with all its roles, since a broker may have several and they decide what to expect. */
async function oneInRole({ brokers, say }: World, role: Role): Promise<{ broker: LocalBroker; roles: Role[] }> {
  const broker = await brokers.inRole(role)
  const others = ALL_ROLES.filter((other) => other !== role)
  const more = await Promise.all(others.map(async (other) => ((await brokers.inRole(other)).id === broker.id ? [other] : [])))
  const roles = [role, ...more.flat()]
  say(`  broker ${broker.id} is the ${roles.join(' and the ')}`)
  return { broker, roles }
}
