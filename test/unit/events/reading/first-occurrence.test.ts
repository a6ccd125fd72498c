import { describe, expect, it } from 'vitest'
import { FirstOccurrence } from '../../../../src/events/reading/first-occurrence.ts'
import { fc } from '../../../support/properties.ts'

const WINDOW = 600_000
const MINUTE = 60_000

function reader(maxIds = 1000) {
  let forgotten = 0
  const seen = new FirstOccurrence({ windowMs: WINDOW, maxIds }, { onForgotten: () => forgotten++ })
  let offset = 0n
  return { seen, observe: (id: string, minutes: number) => seen.observe(id, offset++, minutes * MINUTE), forgotten: () => forgotten }
}

describe('the first occurrence of an id', () => {
  it('is the record with no copy in the window before it, and every copy renews the window', () => {
    const { observe } = reader()
    expect(observe('a', 0)).toBe(true)
    expect(observe('a', 9)).toBe(false)
    expect(observe('a', 11)).toBe(false)
    expect(observe('a', 21)).toBe(false)
    expect(observe('a', 31.1)).toBe(true)
  })

  it('is counted in log time, which never steps back', () => {
    const { seen, observe } = reader()
    observe('a', 10)
    observe('b', 5)
    expect(seen.logTime).toBe(10 * MINUTE)
    expect(observe('b', 19)).toBe(false)
    expect(observe('a', 20)).toBe(false)
  })

  it('is forgotten beyond the bound, the id with the oldest last copy first', () => {
    const { seen, observe } = reader(2)
    observe('a', 0)
    observe('b', 0)
    observe('a', 1)
    observe('c', 1)
    expect(seen.size).toBe(2)
    expect(seen.has('b')).toBe(false)
    expect(observe('a', 1)).toBe(false)
  })
})

describe('a reader that lags behind the tail', () => {
  it('learns whether a passed offset was the first', () => {
    const { seen, observe } = reader()
    observe('a', 0)
    observe('b', 1)
    observe('a', 2)
    observe('a', 3)
    expect([0n, 2n, 3n].map((offset) => seen.isFirst('a', offset))).toEqual([true, false, false])
    expect(seen.isFirst('b', 1n)).toBe(true)
  })

  it('accepts, and counts, ids that are no longer remembered', () => {
    const { seen, observe, forgotten } = reader()
    observe('a', 0)
    observe('b', 20)
    expect(seen.isFirst('a', 0n)).toBe(true)
    expect(forgotten()).toBe(1)
    observe('a', 20)
    expect(seen.isFirst('a', 0n)).toBe(true)
    expect(seen.isFirst('a', 2n)).toBe(true)
    expect(forgotten()).toBe(2)
  })
})

describe('waiting for an offset', () => {
  it('ends when the record there was observed, or when the event log continues after it', async () => {
    const { seen, observe } = reader()
    const order: string[] = []
    const waits = [seen.reached(1n).then(() => order.push('1')), seen.reached(5n).then(() => order.push('5'))]
    observe('a', 0)
    await Promise.resolve()
    expect(order).toEqual([])
    observe('b', 0)
    await waits[0]
    expect(order).toEqual(['1'])
    seen.passed(6n)
    await Promise.all(waits)
    await seen.reached(0n)
    expect(order).toEqual(['1', '5'])
  })

  it('ends with an error when the caller gives up, or the reader stops', async () => {
    const { seen } = reader()
    const controller = new AbortController()
    const waits = [seen.reached(1n, controller.signal), seen.reached(2n)]
    controller.abort(new Error('given up'))
    await expect(waits[0]).rejects.toThrow('given up')
    await expect(seen.reached(1n, controller.signal)).rejects.toThrow('given up')
    seen.stop()
    await expect(waits[1]).rejects.toThrow('the reader of the log has stopped')
    await expect(seen.reached(3n)).rejects.toThrow('the reader of the log has stopped')
  })

  it('starts again with an event log that was created again', async () => {
    const { seen, observe } = reader()
    observe('a', 0)
    seen.restart()
    expect(seen.isFirst('a', 0n)).toBe(true)
    let reached = false
    const wait = seen.reached(0n).then(() => (reached = true))
    await Promise.resolve()
    expect(reached).toBe(false)
    expect(seen.observe('a', 0n, 0)).toBe(true)
    await wait
  })
})

describe('readers of one log', () => {
  interface Entry {
    readonly id: string
    readonly timestamp: number
  }
  const ids = [...'abcdef'].map((digit) => digit.repeat(32))
  /** Steps between records: mostly forward, now and then back, as when the log's leader moves to a broker with a slow clock. */
  const logs = fc
    .array(fc.record({ id: fc.constantFrom(...ids), step: fc.integer({ min: -60, max: 100 }) }), {
      minLength: 100,
      maxLength: 300,
    })
    .map((steps) => {
      let timestamp = 1000
      return steps.map(({ id, step }): Entry => {
        timestamp += step
        return { id, timestamp }
      })
    })
  const windowMs = 200

  /** The decisions of a reader that begins where a search by time leads, from one window later on: offset to verdict. */
  function decisions(log: readonly Entry[], from: number, maxIds: number): Map<number, boolean> {
    const seen = new FirstOccurrence({ windowMs, maxIds })
    const start = log.findIndex(({ timestamp }) => timestamp >= from)
    const made = new Map<number, boolean>()
    for (let offset = start; start >= 0 && offset < log.length; offset++) {
      const { id, timestamp } = log[offset] ?? { id: '', timestamp: 0 }
      const isFirst = seen.observe(id, BigInt(offset), timestamp)
      if (seen.logTime > from + windowMs) made.set(offset, isFirst)
      if (seen.isFirst(id, BigInt(offset)) !== isFirst) throw new Error(`two answers about offset ${offset}`)
    }
    return made
  }

  it.each([3, 1000])('agree whenever they began, even with room for only %i ids', (maxIds) => {
    fc.assert(
      fc.property(logs, fc.integer({ min: 900, max: 6000 }), (log, from) => {
        const whole = decisions(log, 0, maxIds)
        const others = [...decisions(log, from, maxIds)].filter(([offset, verdict]) => verdict !== whole.get(offset))
        expect(others).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('see each id exactly once while its copies are close together', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const seen = new FirstOccurrence({ windowMs: Number.POSITIVE_INFINITY, maxIds: 1000 })
        const firsts = log.filter(({ id, timestamp }, offset) => seen.observe(id, BigInt(offset), timestamp)).map(({ id }) => id)
        expect(firsts).toEqual([...new Set(log.map(({ id }) => id))])
      }),
    )
  })
})
