import { describe, expect, it } from 'vitest'
import { announcementId } from '../../../../src/events/entries/event-id.ts'
import type { LogEvent } from '../../../../src/events/event.ts'
import { LatestStates } from '../../../../src/events/writing/latest-states.ts'
import type { Announcement } from '../../../../src/messages/announcement.ts'
import { SAMPLES } from '../../../fixtures/announcements.ts'
import { fc } from '../../../support/properties.ts'

const OPTIONS = { windowMs: 600_000, maxStates: 1000 }
const SIGNER = 'a-signer'
let time = 0

function statesAt(options: Partial<typeof OPTIONS> = {}): LatestStates {
  time = 0
  return new LatestStates({ ...OPTIONS, ...options }, { now: () => time })
}
const [A, B, C] = ['a', 'b', 'c'].map(state) as [Announcement, Announcement, Announcement]

function state(letter: string): Announcement {
  return { type: 'mining-on', miningOn: { ...SAMPLES['mining-on'].miningOn, hash: letter.repeat(64) } }
}

function event(announcement: Announcement, id: string, peerId = SIGNER): LogEvent {
  return { id, network: 'regtest', bridgeId: 'a-bridge', origin: 'network', peerId, receivedAt: 0, ...announcement }
}

describe('the latest states', () => {
  it('call an announcement a repeat when it gives the latest state of its signer again', () => {
    const states = statesAt()
    states.observe(event(A, '1'), undefined, 0)
    expect(states.take(event(A, '2'), undefined)).toBe('repeated')
    expect(states.take(event(A, '3', 'another signer'), undefined)).toBe('new')
    states.observe(event(B, '4'), undefined, 1)
    expect(states.take(event(A, '5'), undefined)).toBe('new')
  })

  it('ignore kinds that are not a state', () => {
    const states = statesAt()
    states.observe(event(SAMPLES.block, '1'), 1n, 0)
    expect(states.take(event(SAMPLES.block, '2'), 0n)).toBe('new')
  })

  it('check pending states first, and call nothing a repeat while several are pending', () => {
    const states = statesAt()
    states.observe(event(A, '1'), undefined, 0)
    expect(states.take(event(B, '2'), undefined)).toBe('new')
    expect(states.take(event(B, '3'), undefined)).toBe('repeated')
    expect(states.take(event(A, '4'), undefined)).toBe('new')
    expect(states.take(event(A, '5'), undefined)).toBe('new')
    for (const id of ['2', '4', '5']) states.settled(id) // dropped: only the event log counts
    expect(states.take(event(A, '6'), undefined)).toBe('repeated')
  })

  it('leave out repeats older than the latest state of a source that gives an order, and nothing else', () => {
    const states = statesAt()
    states.observe(event(A, '1'), 1n, 0)
    states.observe(event(B, '3'), 3n, 0)
    expect(states.take(event(A, '2'), 2n)).toBe('outdated')
    expect(states.take(event(C, 'late'), 2n)).toBe('new')
    expect(states.take(event(C, 'late again'), 2n)).toBe('outdated')
    states.settled('late')
    expect(states.take(event(A, 'unordered'), undefined)).toBe('new')
    expect(states.take(event(A, '5'), 5n)).toBe('repeated') // of the unordered one, which is pending
    expect(states.take(event(A, '4'), 4n)).toBe('outdated')
  })

  it('call nothing a repeat behind a late event', () => {
    for (const latest of [A, B]) {
      const states = statesAt()
      states.observe(event(B, '2'), 2n, 0)
      states.observe(event(A, '1'), 1n, 1)
      expect(states.take(event(latest, '3'), 3n)).toBe('new')
    }
  })

  it('remember a bounded number of states for each source', () => {
    const states = statesAt()
    const numbered = (hash: number) => ({ type: 'mining-on', miningOn: { ...SAMPLES['mining-on'].miningOn, hash: `${hash}` } }) as const
    for (let hash = 0; hash < 100; hash++) states.observe(event(numbered(hash), `${hash}`), BigInt(hash + 1), 0)
    const outcomes = Array.from({ length: 100 }, (_, hash) => states.take(event(numbered(hash), `again ${hash}`), 1n))
    expect(outcomes.filter((outcome) => outcome === 'outdated')).toHaveLength(64)
    expect(outcomes.slice(0, 36).every((outcome) => outcome === 'new')).toBe(true)
  })

  it('return a repeat when an older state arrives after the one that it repeated', () => {
    const states = statesAt()
    states.observe(event(A, '1'), 1n, 0)
    expect(states.take(event(A, '3'), 3n)).toBe('repeated')
    expect(states.observe(event(B, '2'), 2n, 1).revived?.event.id).toBe('3')
    expect(states.observe(event(C, 'another'), 2n, 1).revived).toBeUndefined()
  })

  it('name pending announcements that repeat a state and are older than the entry', () => {
    const states = statesAt()
    states.take(event(C, '1'), 1n)
    states.take(event(B, '2'), 2n)
    expect(states.observe(event(C, '3'), 3n, 0).outdated).toEqual(['1'])
  })

  it('forget a state after the window, and all states when the event log was created again', () => {
    const states = statesAt()
    states.observe(event(A, '1'), 9n, 0)
    time = 600_000
    expect(states.take(event(A, '3'), undefined)).toBe('repeated')
    time = 600_001
    expect(states.take(event(A, '5'), 1n)).toBe('new')
    states.settled('5')
    states.observe(event(A, '6'), undefined, 9e15) // stamped in the future, so it counts from now
    expect(states.take(event(A, '7'), undefined)).toBe('repeated')
    time += 600_001
    expect(states.take(event(A, '8'), undefined)).toBe('new')
    states.settled('8')
    states.observe(event(A, '9'), undefined, time)
    states.restart()
    expect(states.take(event(A, '10'), undefined)).toBe('new')
  })

  it('are bounded, however many signers exist', () => {
    const states = statesAt({ maxStates: 2 })
    for (const signer of ['first', 'second', 'first', 'third']) states.observe(event(A, signer, signer), undefined, 0)
    expect(['first', 'third', 'second'].map((signer) => states.take(event(A, `${signer} again`, signer), undefined))).toEqual([
      'repeated',
      'repeated',
      'new',
    ])
  })
})

interface Message {
  readonly sequenceNumber: number
  readonly announcement: Announcement
}

interface Sibling {
  readonly states: LatestStates
  readonly seen: Set<string>
  readonly pending: Map<string, LogEvent>
  next: number
  position: number
}

/** Siblings that hear one signer and write one event log, in any interleaving: each step is done by one of them. */
class Bridge {
  readonly log: LogEvent[] = []
  readonly messages: readonly Message[]
  readonly siblings: Sibling[]

  readonly isOrdered: boolean

  constructor(messages: readonly Message[], siblings: number, { isOrdered = true } = {}) {
    this.messages = messages
    this.isOrdered = isOrdered
    this.siblings = Array.from({ length: siblings }, () => newSibling())
  }

  /** The next message, as the router delivers it. */
  hear(sibling: Sibling): void {
    const message = this.messages[sibling.next++]
    if (!message) return
    const { announcement, sequenceNumber } = message
    const id = announcementId('regtest', announcement, SIGNER, { sequenceNumber: BigInt(sequenceNumber) })
    if (!sibling.seen.has(id) && !sibling.pending.has(id)) this.offer(sibling, event(announcement, id))
  }

  offer(sibling: Sibling, offered: LogEvent): void {
    if (sibling.states.take(offered, this.orderOf(offered)) === 'new') sibling.pending.set(offered.id, offered)
  }

  orderOf({ id }: LogEvent): bigint | undefined {
    if (!this.isOrdered) return undefined
    const found = this.messages.find(({ announcement, sequenceNumber }) => {
      return announcementId('regtest', announcement, SIGNER, { sequenceNumber: BigInt(sequenceNumber) }) === id
    })
    return found && BigInt(found.sequenceNumber)
  }

  /** The oldest pending announcement into the event log; it stays pending until it comes by. */
  write(sibling: Sibling): void {
    const [oldest] = sibling.pending.values()
    if (oldest) this.log.push(oldest)
  }

  /** The next entry of the own tail. */
  tail(sibling: Sibling): void {
    const entry = this.log[sibling.position]
    if (!entry) return
    const timestamp = sibling.position++
    sibling.states.settled(entry.id)
    sibling.pending.delete(entry.id)
    if (sibling.seen.has(entry.id)) return
    sibling.seen.add(entry.id)
    const { outdated, revived } = sibling.states.observe(entry, this.orderOf(entry), timestamp)
    for (const id of outdated) {
      sibling.states.settled(id)
      sibling.pending.delete(id)
    }
    if (revived) this.offer(sibling, revived.event)
  }

  /** Killed and started again: it reads the event log back, and hears what comes from now on. */
  restart(index: number): void {
    const { next = 0 } = this.siblings[index] ?? {}
    const fresh = { ...newSibling(), next }
    while (fresh.position < this.log.length) this.tail(fresh)
    this.siblings[index] = fresh
  }

  /** Everybody hears everything, and writes it. */
  settle(): void {
    for (const sibling of this.siblings) {
      for (;;) {
        while (sibling.position < this.log.length) this.tail(sibling)
        if (sibling.pending.size > 0) this.write(sibling)
        else if (sibling.next < this.messages.length) this.hear(sibling)
        else if (sibling.position === this.log.length) break
      }
    }
  }

  /** What every reader takes: the first occurrence of each id. */
  events(): LogEvent[] {
    return this.log.filter(({ id }, at) => this.log.findIndex((other) => other.id === id) === at)
  }

  states(): string[] {
    return this.events().map(letterOf)
  }

  /** Without the events whose order says that they are late. */
  statesInOrder(): string[] {
    let latest = 0n
    return this.events().flatMap((each) => {
      const order = this.orderOf(each) ?? 0n
      if (order < latest) return []
      latest = order
      return [letterOf(each)]
    })
  }
}

function letterOf(event: LogEvent): string {
  return event.type === 'mining-on' ? (event.miningOn.hash[0] ?? '') : ''
}

function newSibling(): Sibling {
  return { states: statesAt(), seen: new Set(), pending: new Map(), next: 0, position: 0 }
}

const letters = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 })
const step = fc.record({ sibling: fc.nat(2), what: fc.constantFrom('hear', 'hear', 'write', 'tail', 'tail', 'restart') })

function messagesOf(states: readonly string[]): Message[] {
  return states.map((letter, at) => ({ sequenceNumber: at + 1, announcement: state(letter) }))
}

function withoutRepeats(states: readonly string[]): string[] {
  return states.filter((letter, at) => letter !== states[at - 1])
}

describe('siblings that hear one signer', () => {
  it('write each change of its state once, and no repeat, when one of them is alone', () => {
    fc.assert(
      fc.property(letters, fc.array(step), (states, steps) => {
        const bridge = new Bridge(messagesOf(states), 1)
        const [only] = bridge.siblings
        for (const { what } of steps) if (only && what !== 'restart') bridge[what](only)
        bridge.settle()
        expect(withoutRepeats(bridge.states())).toEqual(withoutRepeats(states))
      }),
    )
  })

  it('write all its states and end on its last one, whatever each has received, written and read and when, even if some are killed', () => {
    fc.assert(
      fc.property(letters, fc.array(step, { maxLength: 60 }), (states, steps) => {
        const bridge = new Bridge(messagesOf(states), 3)
        for (const { sibling: index, what } of steps) {
          const sibling = bridge.siblings[index]
          // The last one lives on: what nobody has written or still knows is lost.
          if (what === 'restart' && index < 2) bridge.restart(index)
          else if (what !== 'restart' && sibling) bridge[what](sibling)
        }
        bridge.settle()
        expect(bridge.statesInOrder().at(-1)).toBe(states.at(-1))
        expect(new Set(bridge.states())).toEqual(new Set(states))
      }),
      { numRuns: 2000 },
    )
  })
})
