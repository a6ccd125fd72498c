import { setTimeout as delay } from 'node:timers/promises'
import type { BanChange } from '../../bans/ban.ts'
import type { Ack, KafkaRecord } from '../../kafka/record.ts'
import { DeadlineError, withDeadline } from '../../lifecycle/time.ts'
import { CommandError } from '../context.ts'

export interface BanChangeOptions {
  readonly timeoutMs: number
  /** For the advice when nothing happens. */
  readonly group: string
}

export interface BanChangeDeps {
  /** The offset behind the newest record of the log. */
  readonly logEnd: () => Promise<bigint>
  readonly readLog: (from: bigint) => Promise<{ records: readonly KafkaRecord[]; next: bigint }>
  /** Writes the command; resolves when acknowledged. */
  readonly send: () => Promise<Ack>
  /** The change of the ban list that a record of the log tells of, if it is one. */
  readonly toChange: (record: KafkaRecord) => BanChange | undefined
  /** What the producer says of itself when it gets nowhere. */
  readonly sendTrouble: () => string
}

const POLL_MS = 50

/** Writes a ban command and waits until a bridge has told of its effect in the log. Throws CommandError at the deadline. */
export async function changeBans({ timeoutMs, group }: BanChangeOptions, deps: BanChangeDeps): Promise<BanChange> {
  const until = performance.now() + timeoutMs
  // Looked up before the command is written, so that its effect cannot stand before it.
  const from = await deps.logEnd()
  const ack = await sent(deps, until - performance.now())
  const cause = `${ack.topic}:${ack.partition}:${ack.offset}`
  const change = await effectOf(cause, from, deps, until)
  if (change) return change
  throw new CommandError(
    `No bridge has told of the effect of the command ${cause} within ${timeoutMs / 1000} s. It stands in the topic and will be carried out when a bridge reads it. ` +
      `Does one run with the role relay, what does /readyz?verbose on its health port say of the part bans, and does the group ${group} have a lag on ${ack.topic}?`,
  )
}

async function sent(deps: BanChangeDeps, leftMs: number): Promise<Ack> {
  try {
    return await withDeadline(deps.send(), Math.max(1, leftMs), 'writing the command')
  } catch (error) {
    const reason = error instanceof DeadlineError ? deps.sendTrouble() : error instanceof Error ? error.message : String(error)
    throw new CommandError(`The command could not be written: ${reason}`, { cause: error })
  }
}

async function effectOf(cause: string, from: bigint, deps: BanChangeDeps, until: number): Promise<BanChange | undefined> {
  for (let next = from; performance.now() < until; ) {
    const answer = await deps.readLog(next)
    for (const record of answer.records) {
      const change = deps.toChange(record)
      if (change?.cause === cause) return change
    }
    if (answer.next === next) await delay(POLL_MS)
    next = answer.next
  }
  return undefined
}
