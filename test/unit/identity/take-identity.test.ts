import { pino } from 'pino'
import { expect, test } from 'vitest'
import { ephemeralIdentity } from '../../../src/identity/key.ts'
import type { IdentitySession } from '../../../src/identity/ports.ts'
import { type IdentitySource, IdentityStatus } from '../../../src/identity/status.ts'
import { type IdentitySessions, type TakeIdentityDeps, takeIdentity } from '../../../src/identity/take-identity.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { toTeranodeHex } from '../../support/private-key.ts'

const KEY = toTeranodeHex(await ephemeralIdentity())
const ENCRYPTION_KEY = '0f'.repeat(32)

/** A store with an empty pool, whose locks are all free. */
function sessions(calls: string[]): IdentitySessions {
  const session: IdentitySession = {
    ended: new AbortController().signal,
    hold: async () => ({ kind: 'held' }),
    renew: async () => {},
    release: async () => void calls.push('released'),
    end: () => calls.push('ended'),
  }
  return {
    store: {
      prepare: async () => void calls.push('prepared'),
      list: async () => [],
      add: async () => 'full',
      retire: async () => undefined,
      isUnavailable: (error): error is Error => error instanceof RangeError,
    },
    open: async () => {
      calls.push('opened')
      return session
    },
    close: async () => void calls.push('closed'),
  }
}

function setUp(deps: Partial<TakeIdentityDeps> = {}) {
  const calls: string[] = []
  const sources: IdentitySource[] = []
  const stop = new AbortController()
  const log = pino({ level: 'silent' })
  const metrics = { setHeld: () => {}, countLoss: () => {} }
  const take = (configuredKey: string, encryptionKey = '') =>
    takeIdentity(
      {
        configuredKey,
        advertiseAddresses: ['node.example:9905'],
        pool: { bridgeId: 'node-a', instanceId: 'one', encryptionKey, most: 1, leaseMs: 30_000 },
      },
      {
        connect: () => sessions(calls),
        createStatus: (source) => {
          sources.push(source)
          return new IdentityStatus(source, { log, metrics, health: { ready: () => {}, notReady: () => stop.abort(new Error('waits')) } })
        },
        log,
        signal: stop.signal,
        fatal: () => {},
        clock: fakeClock(),
        ...deps,
      },
    )
  return { calls, sources, take }
}

test('without a database a configured key is used without a lock', async () => {
  const { sources, take } = setUp({ connect: undefined })
  const own = await take(KEY, ENCRYPTION_KEY)
  expect(own.identity.isEphemeral).toBe(false)
  expect(own.advertiseAddresses).toEqual(['node.example:9905'])
  expect(sources).toEqual([])
})

test('without a key and a pool each process has a new key, and the database is not asked', async () => {
  const { calls, take } = setUp()
  const [one, two] = [await take(''), await take('')]
  expect(one.identity.isEphemeral).toBe(true)
  expect(one.identity.peerId).not.toBe(two.identity.peerId)
  expect(calls).toEqual([])
})

test('a configured key is locked in the database, which is prepared first and closed last', async () => {
  const { calls, sources, take } = setUp()
  const own = await take(KEY)
  expect(own.advertiseAddresses).toEqual(['node.example:9905'])
  expect(sources).toEqual(['configured'])
  await own.stop()
  expect(calls.slice(0, 2)).toEqual(['prepared', 'opened'])
  expect(calls.at(-1)).toBe('closed')
})

test('a start that is given up while the pool has no key closes the database', async () => {
  const { calls, sources, take } = setUp()
  await expect(take('', ENCRYPTION_KEY)).rejects.toThrow('waits')
  expect(sources).toEqual(['pool'])
  expect(calls.at(-1)).toBe('closed')
})
