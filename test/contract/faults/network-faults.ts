import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from '../harness/fault.ts'
import type { World } from '../harness/world.ts'
import { BARS } from './bars.ts'

const CUT_MS = 10_000
const ALL_CUT_MS = 5000
const STALLED_MS = 15_000
const AWAY_MS = 3000

/** Links to the other node, the other node itself, and Postgres. */
export const NETWORK_FAULTS: readonly Fault[] = [
  {
    name: "the primary's gossip link cut, 10 s",
    bar: BARS.bystander,
    prepare: async (world) => {
      const link = await linkOfHolder(world)
      return async () => {
        await link.cut()
        await pause(CUT_MS)
        await link.mend()
      }
    },
  },
  {
    name: "the primary's gossip link stalled, 15 s",
    bar: BARS.bystander,
    prepare: async (world) => {
      const link = await linkOfHolder(world)
      return async () => {
        link.stall()
        await pause(STALLED_MS)
        await link.mend()
      }
    },
  },
  {
    name: "the primary's gossip link half open",
    bar: BARS.bystander,
    prepare: async (world) => {
      const link = await linkOfHolder(world)
      return async () => {
        link.halfOpen()
        await pause(CUT_MS)
      }
    },
  },
  {
    name: 'all gossip links cut, 5 s',
    bar: { takeOvers: 0, lossBecause: 'what was under way on the links went with them' },
    prepare: async ({ links }) => {
      return async () => {
        await Promise.all(links.map((link) => link.cut()))
        await pause(ALL_CUT_MS)
        await Promise.all(links.map((link) => link.mend()))
      }
    },
  },
  {
    name: 'the other node restarts',
    bar: { takeOvers: 0, lossBecause: 'what was under way ended with its sender' },
    prepare: async ({ publisher }) => {
      return () => publisher.restart(AWAY_MS)
    },
  },
  {
    name: 'Postgres shut down, 5 s',
    bar: BARS.bystander,
    prepare: async ({ postgres }) => {
      if (!postgres) throw new Error('this world has no Postgres')
      return async () => {
        await postgres.shutDown()
        await pause(CUT_MS / 2)
        await postgres.start()
      }
    },
  },
]

async function linkOfHolder(world: World) {
  const link = world.links[world.instances.indexOf(await world.primary())]
  if (!link) throw new Error('the primary has no link')
  return link
}
