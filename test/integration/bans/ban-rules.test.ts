import { expect, test } from 'vitest'
import { applyBan } from '../../../src/bans/apply-ban.ts'
import { MemoryBanStore } from '../../../src/bans/memory-ban-store.ts'
import type { BanStore } from '../../../src/bans/ports.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { openBanStore } from '../postgres/open-postgres.ts'

const HOUR = 3_600_000
const MAX = 3

const STORES: [name: string, open: () => Promise<BanStore>][] = [
  ['memory', async () => new MemoryBanStore({ maxEntries: MAX }, { applyBan, now: SYSTEM_CLOCK.wall })],
  ['Postgres', async () => openBanStore(await createDatabase(), { maxEntries: MAX })],
]

interface Step {
  readonly action: 'add' | 'remove' | 'clear'
  readonly key?: string
  /** From now on; permanent when left out. */
  readonly forMs?: number
  readonly reason?: string
  /** That of an earlier step, by its number: a redelivery. */
  readonly sameAs?: number
}

const add = (key: string, forMs?: number, reason?: string): Step => ({
  action: 'add',
  key,
  ...(forMs === undefined ? {} : { forMs }),
  ...(reason ? { reason } : {}),
})
const remove = (key: string): Step => ({ action: 'remove', key })

/** What the rule says: for each step what it did (with `!` where it changed nothing), and who is banned in the end. */
const CASES: [what: string, steps: Step[], actions: string[], keys: string[]][] = [
  ['a ban', [add('10.0.0.1')], ['add 10.0.0.1'], ['10.0.0.1']],
  ['a ban and its end', [add('10.0.0.1'), remove('10.0.0.1')], ['add 10.0.0.1', 'remove 10.0.0.1'], []],
  ['the end of what is not banned', [remove('10.0.0.1')], ['remove 10.0.0.1!'], []],
  ['the same permanent ban again', [add('10.0.0.1'), add('10.0.0.1')], ['add 10.0.0.1', 'add 10.0.0.1!'], ['10.0.0.1']],
  [
    'the same ban for another reason',
    [add('10.0.0.1'), add('10.0.0.1', undefined, 'spam')],
    ['add 10.0.0.1', 'add 10.0.0.1'],
    ['10.0.0.1'],
  ],
  ['a permanent ban that gets an end', [add('10.0.0.1'), add('10.0.0.1', HOUR)], ['add 10.0.0.1', 'add 10.0.0.1'], ['10.0.0.1']],
  ['a ban whose time is over', [add('10.0.0.1', -1)], ['add 10.0.0.1!'], []],
  ['a ban whose time is over on one that holds', [add('10.0.0.1'), add('10.0.0.1', -1)], ['add 10.0.0.1', 'add 10.0.0.1!'], ['10.0.0.1']],
  [
    'a redelivered command',
    [add('10.0.0.1'), remove('10.0.0.1'), { ...add('10.0.0.1'), sameAs: 0 }],
    ['add 10.0.0.1', 'remove 10.0.0.1'],
    [],
  ],
  ['an empty list that is cleared', [{ action: 'clear' }], ['clear !'], []],
  ['a list that is cleared', [add('10.0.0.1'), add('10.0.0.2', HOUR), { action: 'clear' }], ['add 10.0.0.1', 'add 10.0.0.2', 'clear '], []],
  [
    'a full list: what ends first makes room',
    [add('10.0.0.1'), add('10.0.0.2', 2 * HOUR), add('10.0.0.3', HOUR), add('10.0.0.4', 3 * HOUR)],
    ['add 10.0.0.1', 'add 10.0.0.2', 'add 10.0.0.3', 'remove 10.0.0.3', 'add 10.0.0.4'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.4'],
  ],
  [
    'a full list: what is in it already needs no room',
    [add('10.0.0.1'), add('10.0.0.2'), add('10.0.0.3'), add('10.0.0.2', HOUR)],
    ['add 10.0.0.1', 'add 10.0.0.2', 'add 10.0.0.3', 'add 10.0.0.2'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
  ],
  [
    'a full list: a ban whose time is over takes no room',
    [add('10.0.0.1'), add('10.0.0.2'), add('10.0.0.3'), add('10.0.0.4', -1)],
    ['add 10.0.0.1', 'add 10.0.0.2', 'add 10.0.0.3', 'add 10.0.0.4!'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
  ],
]

for (const [name, open] of STORES) {
  test.each(CASES)(`${name}: %s`, async (_what, steps, actions, keys) => {
    const store = await open()
    for (const [index, { action, key = '', forMs, reason = '', sameAs }] of steps.entries()) {
      const until = forMs === undefined ? null : Date.now() + forMs
      const outcome = await store.change({ action, key, until, reason }, { cause: `command ${sameAs ?? index}` })
      expect(outcome.isRepeated).toBe(sameAs !== undefined)
      expect(outcome.change).toMatchObject({ action, key, cause: `command ${sameAs ?? index}` })
    }
    const changes = (await store.changesSince(0)) ?? []
    expect(changes.map(({ change }) => `${change.action} ${change.key}${change.changed ? '' : '!'}`)).toEqual(actions)
    expect(changes.map(({ revision }) => revision)).toEqual(changes.map((_, index) => index + 1))
    // An entry comes with each `add` that changed something, and with nothing else.
    for (const { change, ban } of changes) expect(ban?.key).toBe(change.action === 'add' && change.changed ? change.key : undefined)
    expect((await store.load()).bans.map((ban) => ban.key).sort()).toEqual(keys)
  })

  test(`${name}: a renewal keeps the beginning, and what has expired begins anew`, async () => {
    const store = await open()
    await store.change({ action: 'add', key: '10.0.0.1', until: null, reason: '' }, { cause: '0' })
    const since = (await store.load()).bans[0]?.since ?? 0
    expect(Math.abs(since - Date.now())).toBeLessThan(30_000)
    const until = Date.now() + 3000
    await store.change({ action: 'add', key: '10.0.0.1', until, reason: '' }, { cause: '1' })
    expect((await store.load()).bans[0]?.since).toBe(since)
    await eventually(() => Date.now() > until)
    await store.change({ action: 'add', key: '10.0.0.1', until: until + HOUR, reason: '' }, { cause: '2' })
    expect((await store.load()).bans[0]?.since).toBeGreaterThanOrEqual(until)
  })

  test(`${name}: a sweep removes what is over by the store's own time, and tells that time if it has any`, async () => {
    const store = await open()
    await store.load() // the first use migrates, which takes its time
    await store.change({ action: 'add', key: '10.0.0.1', until: Date.now() + 3000, reason: '' }, { cause: '0' })
    await store.change({ action: 'add', key: '10.0.0.2', until: Date.now() + HOUR, reason: '' }, { cause: '1' })
    await eventually(async () => {
      const now = await store.sweep()
      if (name === 'memory') expect(now).toBeNull()
      else expect(Math.abs(Number(now) - Date.now())).toBeLessThan(30_000)
      expect((await store.load()).bans.map(({ key }) => key)).toEqual(['10.0.0.2'])
    })
    expect((await store.changesSince(2))?.map(({ change }) => `${change.action} ${change.key}`)).toEqual(['expire 10.0.0.1'])
  })
}
