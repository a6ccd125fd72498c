import { expect, test } from 'vitest'
import { chooseIdentities } from '../../../src/identity/choice.ts'
import type { IdentityRow } from '../../../src/identity/ports.ts'

const options = { instanceId: 'gb-1', patienceMs: 0 }

function row(peerId: string, more: Partial<IdentityRow> = {}): IdentityRow {
  const nothing = { advertiseAddresses: null, reservedFor: null, retiredAt: null, holder: null }
  return { peerId, sealedKey: Buffer.of(1), createdAt: new Date(0), isLocked: false, leaseLeftMs: 0, ...nothing, ...more }
}

function had(instanceId: string, at = 0): Pick<IdentityRow, 'holder'> {
  return { holder: { instanceId, host: 'h', since: new Date(at) } }
}

function candidates(rows: IdentityRow[], more: Partial<typeof options> = {}): string[] {
  return chooseIdentities(rows, { ...options, ...more }).candidates.map(({ peerId }) => peerId)
}

test('prefers the reserved key, then the previous one, then a new one, then the one that is free for longest', () => {
  const rows = [
    row('late', had('gb-3', 9)),
    row('early', had('gb-2', 5)),
    row('new'),
    row('own', had('gb-1', 7)),
    row('mine', { reservedFor: 'gb-1' }),
  ]
  expect(candidates(rows)).toEqual(['mine', 'own', 'new', 'early', 'late'])
})

test('takes no key that is held, retired, reserved for another instance, or known only from the settings of its holder', () => {
  const rows = [
    row('held', { isLocked: true }),
    row('retired', { retiredAt: new Date(1) }),
    row('reserved', { reservedFor: 'gb-2' }),
    row('configured', { sealedKey: null }),
  ]
  expect(chooseIdentities(rows, options)).toEqual({ candidates: [], freeInMs: null, inUse: 2 })
})

test('the key of a vanished holder stays reserved until its lease ends, and is waited for', () => {
  const rows = [row('a', { ...had('gb-2'), leaseLeftMs: 9000 }), row('b', { ...had('gb-3'), leaseLeftMs: 4000 })]
  expect(chooseIdentities(rows, options)).toMatchObject({ candidates: [], freeInMs: 4000 })
})

test('takes a key under its own lease: the only instance of that name has restarted', () => {
  expect(candidates([row('own', { ...had('gb-1'), leaseLeftMs: 9000 })])).toEqual(['own'])
})

test('waits for its previous key while Postgres still reports its lock, but not forever', () => {
  const rows = [row('own', { ...had('gb-1'), isLocked: true, leaseLeftMs: 9000 })]
  expect(chooseIdentities(rows, { ...options, patienceMs: 3000 }).freeInMs).toBe(3000)
  expect(chooseIdentities(rows, options).freeInMs).toBeNull()
})
