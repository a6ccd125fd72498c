import { expect, test } from 'vitest'
import { Admission } from '../../../../src/websocket/clients/admission.ts'

test('admits up to the bounds, per network and in total, and again after a release', () => {
  const admission = new Admission({ maxClients: 3, maxClientsPerAddress: 2, upgradesPerSecond: 100 }, { now: () => 0 })
  expect([admission.admit('a'), admission.admit('a'), admission.admit('a')]).toEqual([null, null, 'address'])
  expect([admission.admit('b'), admission.admit('c')]).toEqual([null, 'clients'])
  admission.release('a')
  expect(admission.admit('a')).toBeNull()
})

test('limits upgrades per second, with bursts of twice as many', () => {
  let now = 0
  const admission = new Admission({ maxClients: 99, maxClientsPerAddress: 99, upgradesPerSecond: 2 }, { now: () => now })
  const five = () => Array.from({ length: 5 }, () => admission.admit('a'))
  expect(five()).toEqual([null, null, null, null, 'rate'])
  now = 1000
  expect(five()).toEqual([null, null, 'rate', 'rate', 'rate'])
})

test('knows whether all clients are of one network', () => {
  const admission = new Admission({ maxClients: 9, maxClientsPerAddress: 9, upgradesPerSecond: 100 }, { now: () => 0 })
  expect(admission.isOnly('a')).toBe(true)
  admission.admit('a')
  expect([admission.isOnly('a'), admission.isOnly('b')]).toEqual([true, false])
  admission.admit('b')
  expect(admission.isOnly('a')).toBe(false)
})

test('takes over bounds that change', () => {
  const bounds = { maxClients: 1, maxClientsPerAddress: 9, upgradesPerSecond: 100 }
  const admission = new Admission(bounds, { now: () => 0 })
  expect([admission.admit('a'), admission.admit('a')]).toEqual([null, 'clients'])
  bounds.maxClients = 2
  expect(admission.admit('a')).toBeNull()
})
