import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from '../harness/fault.ts'
import type { Instance } from '../harness/instance.ts'
import type { World } from '../harness/world.ts'
import { BARS } from './bars.ts'

const DOWN_MS = 3000
const FROZEN_MS = 20_000
const APART_MS = 2000

/** Crashes, freezes, stops and scaling of bridges. */
export const INSTANCE_FAULTS: readonly Fault[] = [
  {
    name: 'SIGKILL of the primary',
    bar: BARS.instanceGone,
    prepare: async (world) => killAndRestart(await world.primary()),
  },
  {
    name: 'SIGKILL of another instance',
    bar: BARS.instanceGone,
    prepare: async (world) => killAndRestart(await notHolder(world)),
  },
  {
    name: 'SIGSTOP of the primary, 20 s',
    bar: { ...BARS.instanceGone, takeOvers: 2 },
    prepare: async (world) => {
      const primary = await world.primary()
      return async () => {
        primary.freeze()
        await pause(FROZEN_MS)
        primary.thaw()
      }
    },
  },
  {
    name: 'SIGTERM of the primary',
    bar: BARS.instanceStopped,
    prepare: async (world) => {
      const primary = await world.primary()
      return async () => {
        const notes = await stop([primary])
        await pause(DOWN_MS)
        await primary.start()
        return notes
      }
    },
  },
  {
    name: 'scale 3 -> 1 -> 3',
    bar: { ...BARS.instanceStopped, takeOvers: 4 },
    prepare: async (world) => {
      const primary = await world.primary()
      const others = world.instances.filter((instance) => instance !== primary)
      return async () => {
        const notes = await stop([primary, ...others.slice(1)])
        await pause(APART_MS)
        await Promise.all([primary, ...others.slice(1)].map((instance) => instance.start()))
        return notes
      }
    },
  },
  {
    name: 'SIGKILL of all instances at once',
    bar: { takeOvers: 3, lossBecause: 'nobody heard what was gossiped meanwhile' },
    prepare: async ({ instances }) => {
      return async () => {
        await Promise.all(instances.map((instance) => instance.kill()))
        await pause(DOWN_MS)
        await Promise.all(instances.map((instance) => instance.start()))
      }
    },
  },
]

async function notHolder(world: World): Promise<Instance> {
  const primary = await world.primary()
  const other = world.instances.find((instance) => instance !== primary)
  if (!other) throw new Error('there is only one instance')
  return other
}

function killAndRestart(instance: Instance) {
  return async () => {
    await instance.kill()
    await pause(DOWN_MS)
    await instance.start()
  }
}

/** Stops them together; returns a note for each that did not stop cleanly. */
async function stop(instances: readonly Instance[]): Promise<string[]> {
  const ends = await Promise.all(instances.map(async (instance) => ({ instance, end: await instance.stop() })))
  return ends.flatMap(({ instance, end }) => (end.code === 0 ? [] : [`${instance.name} did not stop in order: ${end.signal ?? end.code}`]))
}
