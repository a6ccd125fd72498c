import { pino } from 'pino'
import { expect, test } from 'vitest'
import { ephemeralIdentity } from '../../../src/identity/key.ts'
import { takeFromPool } from '../../../src/identity/pool.ts'
import type { IdentityRow, IdentitySession } from '../../../src/identity/ports.ts'
import { sealedRow } from '../../../src/identity/sealed-pool.ts'
import type { IdentityStatus } from '../../../src/identity/status.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const [OWN_KEY, OTHER_KEY] = ['0f'.repeat(32), 'f0'.repeat(32)]

async function row(encryptionKey: string, state: Partial<IdentityRow> = {}): Promise<IdentityRow> {
  const sealed = sealedRow(await ephemeralIdentity(), { bridgeId: 'node-a', encryptionKey })
  const unused = {
    advertiseAddresses: null,
    reservedFor: null,
    createdAt: null,
    retiredAt: null,
    isLocked: false,
    holder: null,
    leaseLeftMs: 0,
  }
  return { ...sealed, ...unused, ...state }
}

test('a key that does not open is told of once, however long the start waits for another', async () => {
  const stop = new AbortController()
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) })
  let waits = 0
  const waiting = () => {
    waits += 1
    if (waits === 3) stop.abort(new Error('enough'))
  }
  const holder = { instanceId: 'two', host: 'b', since: new Date(0) }
  const rows = [await row(OTHER_KEY), await row(OWN_KEY, { holder, leaseLeftMs: 1 })]
  const taking = takeFromPool(
    { bridgeId: 'node-a', instanceId: 'one', encryptionKey: OWN_KEY, most: 2, leaseMs: 30_000 },
    {
      store: {
        prepare: async () => {},
        list: async () => rows,
        add: async () => 'full',
        retire: async () => undefined,
        isUnavailable: (error): error is Error => error instanceof RangeError,
      },
      open: async () => ({ end() {} }) as unknown as IdentitySession,
      createLock: () => {
        throw new Error('no key is free')
      },
      status: { waiting } as unknown as IdentityStatus,
      clock: fakeClock(),
      log,
      signal: stop.signal,
    },
  )
  await expect(taking).rejects.toThrow('enough')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('identity_encryption_key does not open this key of the pool')
})
