import { randomUUID } from 'node:crypto'
import { eventually } from '../../support/eventually.ts'
import type { Case, CaseTopic, Expected, Step } from './case.ts'
import type { Cluster } from './cluster.ts'
import type { OpenReader, Reader } from './readers/reader.ts'

const STEP_DEADLINE_MS = 90_000
const MANY = 10_000

/** One cell of the table: a case, read by one reader. Its first fault ends it and does not affect the other readers of the case. */
class Cell {
  readonly reader: Reader
  readonly #case: Case
  readonly #topic: CaseTopic
  readonly #id = randomUUID().slice(0, 13)
  readonly #clientId: string
  #open: OpenReader | undefined
  #from: bigint | undefined
  #delivers: string[] = []
  #reports: string[] = []
  failure: unknown

  constructor(reader: Reader, whole: Case, topic: CaseTopic) {
    this.reader = reader
    this.#case = whole
    this.#topic = topic
    this.#clientId = `${topic.name}-${reader.name.replace(' ', '-')}`
  }

  async open(isLast: boolean): Promise<void> {
    await this.#attempt(async () => {
      const { name, cluster } = this.#topic
      if (this.#case.quota) await cluster.limit(this.#clientId, this.#case.quota)
      this.#delivers = []
      this.#reports = []
      this.#open = await this.reader.open({
        topic: name,
        brokers: cluster.brokers,
        clientId: this.#clientId,
        id: this.#id,
        isLast,
        ...(this.#from === undefined ? {} : { from: this.#from }),
      })
    })
  }

  async check(step: Step): Promise<void> {
    const expected: Expected = { ...step, ...step.except?.[this.reader.name] }
    this.#delivers = [...this.#delivers, ...expected.delivers] // as arguments of `push` a million keys are too many
    this.#reports.push(...(expected.reports ?? []))
    await this.#attempt(async () => {
      await eventually(() => this.#compare(expected), { timeoutMs: step.withinMs ?? STEP_DEADLINE_MS, intervalMs: 50 })
      const fetches = this.#open?.fetches() ?? 0
      if (fetches > (step.mostFetches ?? fetches)) throw new Error(`${fetches} fetches, at most ${step.mostFetches} are needed`)
    })
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    const stopped = open?.stop()
    await this.#attempt(async () => {
      this.#from = (await stopped) ?? this.#from
    })
  }

  async #compare({ ends, lag = 0, lost }: Expected): Promise<true> {
    const open = this.#open
    if (!open) throw new Error('the reader is not open')
    const position = ends === undefined ? undefined : await open.position()
    const behind = ends === undefined ? undefined : await open.lag()
    const now = {
      delivered: open.delivered(),
      reported: open.reported(),
      fault: this.#case.mayBeUnready ? undefined : open.fault(),
      position,
      lag: behind,
    }
    const wanted = {
      delivered: this.#delivers,
      reported: this.#reports,
      fault: undefined,
      position: position === undefined ? undefined : ends,
      lag: behind === undefined ? undefined : lag,
    }
    if (sentence(now) !== sentence(wanted)) throw new Error(`${sentence(now)}\n  instead of ${sentence(wanted)}`)
    if (lost !== undefined && open.lost) {
      const counted = await open.lost()
      if (counted !== lost) throw new Error(`${counted} offsets counted as lost, instead of ${lost}`)
    }
    if (now.delivered.some((key, index) => key !== wanted.delivered[index]))
      throw new Error('the right number of keys, but not the right ones')
    return true
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    if (this.failure !== undefined) return
    try {
      await work()
    } catch (error) {
      this.failure = error
    }
  }
}

interface Reading {
  readonly delivered: readonly string[]
  readonly reported: readonly string[]
  readonly fault: string | undefined
  readonly position: bigint | undefined
  readonly lag: number | undefined
}

/** One line, so that the message of a failed cell shows the whole reading. */
function sentence({ delivered, reported, fault, position, lag }: Reading): string {
  return `delivered ${keysOf(delivered)}; reported ${reported.join(' ')}; position ${position}; lag ${lag}; fault ${fault}`
}

/** All keys; of very many, their number and the last ones: the comparison is repeated until it succeeds. */
function keysOf(delivered: readonly string[]): string {
  return delivered.length > MANY ? `${delivered.length} keys up to ${delivered.slice(-3).join(' ')}` : delivered.join(' ')
}

export interface CaseOutcome {
  /** The failure of each reader; undefined without one. */
  readonly failures: ReadonlyMap<string, unknown>
  /** Why the topic could not be brought into its state. */
  readonly broken?: unknown
}

/** Takes the topic through the steps of the case while all readers read it. Never rejects. */
export async function runCase(whole: Case, readers: readonly Reader[], cluster: Cluster): Promise<CaseOutcome> {
  const topic: CaseTopic = { name: `case-${randomUUID().slice(0, 13)}`, cluster }
  const cells = readers.map((reader) => new Cell(reader, whole, topic))
  const all = (action: (cell: Cell) => Promise<void>) => Promise.all(cells.map(action))
  const failures = () => new Map(cells.map(({ reader, failure }) => [reader.name, failure]))
  const openings = whole.steps.map((step, index) => index === 0 || step.isWhileStopped === true)
  try {
    await cluster.createTopic(topic.name, whole)
    for (const [index, step] of whole.steps.entries()) {
      if (step.isWhileStopped) await all((cell) => cell.close())
      await step.change(topic)
      if (openings[index]) await all((cell) => cell.open(index === whole.steps.length - 1))
      await all((cell) => cell.check(step))
    }
    return { failures: failures() }
  } catch (broken) {
    return { failures: failures(), broken }
  } finally {
    await all((cell) => cell.close())
  }
}
