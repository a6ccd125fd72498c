import { expect, test } from 'vitest'
import { type Arrow, Ledger, type NodeName } from '../../../../../../deploy/local/demo/watch/ledger.ts'

const row = (ledger: Ledger, arrow: Arrow, to: NodeName) => ledger.rows(0).find((other) => other.arrow === arrow && other.to === to)

/** A block of node A that was seen everywhere. */
function arriveEverywhere(ledger: Ledger, hash: string, at = 1000): void {
  ledger.produce('A', 'block', hash, at)
  ledger.log('A', { id: `own ${hash}`, from: 'A', kind: 'block', hash, at: at + 2 })
  ledger.follow('A', 'browser', `own ${hash}`, at + 3)
  ledger.log('B', { id: hash, from: 'A', kind: 'block', hash, at: at + 5 })
  ledger.follow('B', 'validation', hash, at + 15)
  ledger.follow('B', 'browser', hash, at + 7)
  ledger.teranode('B', 'A', 'block', hash, at + 8)
}

test('misses nothing when a block was seen at every station', () => {
  const ledger = new Ledger()
  arriveEverywhere(ledger, 'aa')
  expect(ledger.missing()).toEqual([])
  expect(ledger.produced).toBe(1)
  expect(row(ledger, 'gossip', 'B')).toMatchObject({ count: 1, p50: 5, missing: 0, repeats: 0 })
  expect(row(ledger, 'own', 'A')).toMatchObject({ count: 1, p50: 2 })
  expect(row(ledger, 'validation', 'B')).toMatchObject({ count: 1, p50: 10 })
  expect(row(ledger, 'browser', 'B')).toMatchObject({ count: 1, p50: 2 })
  expect(row(ledger, 'browser', 'A')).toMatchObject({ count: 1, p50: 1 })
  expect(row(ledger, 'teranode', 'B')).toMatchObject({ count: 1, p50: 3 })
  expect(row(ledger, 'gossip', 'A')).toMatchObject({ count: 0, p50: undefined })
})

test('says what is missing, where it comes from and where it should be', () => {
  const ledger = new Ledger()
  ledger.produce('A', 'block', 'aa', 0)
  ledger.log('B', { id: 'e1', from: 'A', kind: 'block', hash: 'aa', at: 5 })
  const [own, foreign] = ledger.missing()
  expect(own).toEqual({ from: 'A', kind: 'block', hash: 'aa', at: ['log', 'browser'].map((station) => ({ station, node: 'A' })) })
  const stations = ['browser', 'validation', 'teranode'].map((station) => ({ station, node: 'B' }))
  expect(foreign).toEqual({ from: 'A', kind: 'block', hash: 'aa', at: stations })
  expect(row(ledger, 'browser', 'B')).toMatchObject({ count: 0, missing: 1 })
  expect(row(ledger, 'own', 'A')).toMatchObject({ missing: 1 })
  expect(row(ledger, 'gossip', 'B')).toMatchObject({ missing: 0 })
})

test('expects rejected transactions neither at validation nor among the objects of Teranode', () => {
  const ledger = new Ledger()
  ledger.produce('B', 'rejected-tx', 'tx', 0)
  expect(ledger.missing().flatMap(({ at }) => at.map(({ station, node }) => `${station} ${node}`))).toEqual([
    'log A',
    'browser A',
    'log B',
    'browser B',
  ])
})

test('hears a browser, a validation record and a log entry before their causes', () => {
  const ledger = new Ledger()
  ledger.follow('B', 'browser', 'e1', 9)
  ledger.follow('B', 'validation', 'e1', 12)
  ledger.log('B', { id: 'e1', from: 'A', kind: 'subtree', hash: 'aa', at: 8 })
  ledger.teranode('B', 'A', 'subtree', 'aa', 9)
  ledger.log('A', { id: 'e2', from: 'A', kind: 'subtree', hash: 'aa', at: 6 })
  ledger.follow('A', 'browser', 'e2', 7)
  ledger.produce('A', 'subtree', 'aa', 5)
  expect(ledger.missing()).toEqual([])
  expect(row(ledger, 'gossip', 'B')).toMatchObject({ count: 1, p50: 3 })
  expect(row(ledger, 'validation', 'B')).toMatchObject({ count: 1, p50: 4 })
})

test('counts repeats at the station where they happen', () => {
  const ledger = new Ledger()
  arriveEverywhere(ledger, 'aa')
  ledger.log('B', { id: 'aa', from: 'A', kind: 'block', hash: 'aa', at: 2000 })
  ledger.follow('B', 'browser', 'aa', 2001)
  ledger.follow('B', 'browser', 'aa', 2002)
  expect(row(ledger, 'gossip', 'B')).toMatchObject({ count: 1, repeats: 1 })
  expect(row(ledger, 'browser', 'B')).toMatchObject({ count: 1, repeats: 2 })
  expect(row(ledger, 'validation', 'B')).toMatchObject({ count: 1, repeats: 0 })
})

test('leaves events out that no simulated notification made', () => {
  const ledger = new Ledger()
  ledger.log('B', { id: 'sync', from: undefined, kind: 'block', hash: 'aa', at: 1 })
  ledger.follow('B', 'validation', 'sync', 2)
  ledger.follow('B', 'browser', 'sync', 2)
  expect(ledger.rows(0).every(({ count }) => count === 0)).toBe(true)
})

test('forgets what is old, and keeps in mind what never arrived', () => {
  const ledger = new Ledger()
  arriveEverywhere(ledger, 'aa', 1000)
  ledger.produce('A', 'subtree', 'bb', 2000)
  arriveEverywhere(ledger, 'cc', 700_000)
  ledger.forget(1_000_000)
  expect(new Set(ledger.missing().map(({ hash }) => hash))).toEqual(new Set(['bb']))
  arriveEverywhere(ledger, 'cc', 700_000)
  expect(row(ledger, 'gossip', 'B')).toMatchObject({ count: 2, repeats: 1 })
})
