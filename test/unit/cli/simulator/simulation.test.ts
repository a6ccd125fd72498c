import { expect, test } from 'vitest'
import { type SimulatedEvent, type SimulationOptions, simulate } from '../../../../src/cli/simulator/simulation.ts'

const OPTIONS: SimulationOptions = {
  seed: 'seed',
  miners: ['/a/', '/b/'],
  blocksPerSecond: 0.5,
  subtreesPerSecond: 4,
  rejectedPerSecond: 0.2,
  subtreeSize: 4,
}

function firstSeconds(seconds: number, options: Partial<SimulationOptions> = {}): SimulatedEvent[] {
  const events: SimulatedEvent[] = []
  for (const event of simulate({ ...OPTIONS, ...options })) {
    if (event.atMs > seconds * 1000) break
    events.push(event)
  }
  return events
}

test('gives the same events for the same seed, and others for another seed', () => {
  expect(firstSeconds(20)).toEqual(firstSeconds(20))
  expect(firstSeconds(20)[0]?.key).not.toBe(firstSeconds(20, { seed: 'other' })[0]?.key)
})

test('keeps to its rates, in order of time', () => {
  const events = firstSeconds(200)
  const count = (type: string) => events.filter((event) => event.type === type).length
  expect(count('block')).toBeGreaterThan(90)
  expect(count('block')).toBeLessThan(110)
  expect(count('subtree')).toBeGreaterThan(760)
  expect(count('subtree')).toBeLessThan(840)
  expect(count('rejected-tx')).toBeGreaterThan(35)
  expect(count('rejected-tx')).toBeLessThan(45)
  expect(events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
})

test.each(['one', 'two', 'three', 'four', 'five'])('shows every kind from every node within 15 seconds (seed %s)', (seed) => {
  const seen = new Set(firstSeconds(15, { seed }).map(({ type, node }) => `${type} ${node}`))
  expect(seen.size).toBe(8)
})

test('never uses a key twice for one node and kind', () => {
  const ids = firstSeconds(100).map(({ node, type, key }) => `${node} ${type} ${key}`)
  expect(new Set(ids).size).toBe(ids.length)
})

test('lets every node mine on each block that one of them found', () => {
  const events = firstSeconds(30)
  const blocks = events.filter(({ type }) => type === 'block')
  expect(blocks.map(({ value }) => ('height' in value ? value.height : null))).toEqual(blocks.map((_, index) => index + 1))
  for (const block of blocks) {
    const miningOn = events.filter(({ type, key }) => type === 'mining-on' && key === block.key)
    expect(miningOn.map(({ node }) => node)).toEqual([0, 1])
    expect(miningOn[0]?.value).toEqual({ ...block.value, type: 'MiningOn' })
  }
})

test('omits kinds with a rate of 0, and ends if all rates are 0', () => {
  const kinds = new Set(firstSeconds(60, { subtreesPerSecond: 0, rejectedPerSecond: 0 }).map(({ type }) => type))
  expect(kinds).toEqual(new Set(['block', 'mining-on']))
  expect([...simulate({ ...OPTIONS, blocksPerSecond: 0, subtreesPerSecond: 0, rejectedPerSecond: 0 })]).toEqual([])
})
