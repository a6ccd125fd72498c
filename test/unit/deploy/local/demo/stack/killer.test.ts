import { expect, onTestFinished, test } from 'vitest'
import { type KillerDeps, startKiller, type Victim } from '../../../../../../deploy/local/demo/stack/killer.ts'
import { fewestSubscribers } from '../../../../../../deploy/local/demo/stack/listening.ts'
import { eventually } from '../../../../../support/eventually.ts'

interface FakeBridge extends Victim {
  readonly name: string
}

/** Kills three bridges again and again until `count` were killed; gives their names in order. */
async function killed(count: number, options: { seed: string; isListening?: KillerDeps<FakeBridge>['isListening'] }): Promise<string[]> {
  const names: string[] = []
  const victims = ['a-1', 'a-2', 'a-3'].map((name) => ({ name, bridge: { name }, kill: () => names.push(name) > 0 }))
  const said: unknown[] = []
  const killer = startKiller(
    { everyMs: 1, seed: options.seed },
    {
      victims,
      isListening: options.isListening ?? (async () => true),
      reporter: { say: (about, _, facts) => void said.push({ about, ...facts }) },
    },
  )
  onTestFinished(() => killer.stop())
  await eventually(() => expect(names.length).toBeGreaterThanOrEqual(count))
  killer.stop()
  expect(killer.kills()).toBe(names.length)
  expect(said).toEqual(names.map((bridge, index) => ({ about: 'kill', bridge, kills: index + 1 })))
  return names.slice(0, count)
}

test('kills every bridge now and then, and with the same seed in the same order', async () => {
  const first = await killed(20, { seed: 'one' })
  expect(new Set(first)).toEqual(new Set(['a-1', 'a-2', 'a-3']))
  expect(await killed(20, { seed: 'one' })).toEqual(first)
  expect(await killed(20, { seed: 'two' })).not.toEqual(first)
})

test('spares the only one that listens to the network', async () => {
  const isListening = async ({ name }: FakeBridge) => name === 'a-2'
  const victims = await killed(1, { seed: 'another one is picked first', isListening })
  expect(victims).not.toContain('a-2')
})

test('whoever has lost the subscribers of one topic does not count as listening', () => {
  const metrics = (...figures: number[]) => figures.map((figure, n) => `bridge_gossip_subscribers{topic="t${n}"} ${figure}`).join('\n')
  expect(fewestSubscribers(metrics(3, 2, 3))).toBe(2)
  expect(fewestSubscribers(metrics(3, 0))).toBe(0)
  expect(fewestSubscribers('# nothing yet')).toBe(0)
})
