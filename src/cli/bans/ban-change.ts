import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { BanChange } from '../../bans/ban.ts'
import { commandCause } from '../../bans/command-cause.ts'
import type { Ack, KafkaRecord } from '../../kafka/record.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { DeadlineError, withDeadline } from '../../lifecycle/time.ts'
import { CommandError } from '../context.ts'

export interface BanChangeOptions {
  readonly timeoutMs: number
  /** Consumer group, for the advice after a timeout. */
  readonly group: string
}

export interface BanChangeDeps {
  /** The event log, in which bridges report the effect of a command. */
  readonly eventLog: TopicView
  /** The topic of the commands. */
  readonly commands: TopicView
  /** Writes the command with these headers. Resolves when acknowledged. */
  readonly send: (headers: Readonly<Record<string, string>>) => Promise<Ack>
  /** The change of the ban list in a record of the event log, if any. */
  readonly toChange: (record: KafkaRecord) => Promise<BanChange | undefined>
  /** The producer's reason for not being ready. */
  readonly sendTrouble: () => string
}

export interface TopicView {
  /** The offset after the newest record. */
  end(): Promise<bigint>
  read(from: bigint): Promise<{ records: readonly KafkaRecord[]; next: bigint }>
}

const POLL_MS = 50
const COMMAND_ID = 'command-id'

/**
 * Writes a ban command and waits until a bridge has reported its effect in the event log. It recognises the effect by the identity of
 * the command's record, which it reads back as Kafka stored it. Throws CommandError at the deadline.
 */
export async function changeBans({ timeoutMs, group }: BanChangeOptions, deps: BanChangeDeps): Promise<BanChange> {
  const until = SYSTEM_CLOCK.steady() + timeoutMs
  // Read before the command is written, so that the command and its effect come after these offsets.
  const [fromCommand, fromEffect] = await Promise.all([deps.commands.end(), deps.eventLog.end()])
  const id = randomUUID()
  const ack = await sent(deps, id, until - SYSTEM_CLOCK.steady())
  const place = `${ack.topic}:${ack.partition}:${ack.offset}`
  const isOurs = (record: KafkaRecord) => (record.headers[COMMAND_ID] === id ? record : undefined)
  const command = await written(place, firstOf(deps.commands, ack.offset < 0n ? fromCommand : ack.offset, until, isOurs))
  const cause = command && commandCause(command)
  const ofCommand = async (record: KafkaRecord) => {
    const told = await deps.toChange(record)
    return told && told.cause === cause ? told : undefined
  }
  const change = command && (await written(place, firstOf(deps.eventLog, fromEffect, until, ofCommand)))
  if (change) return change
  throw new CommandError(
    `No bridge has told of the effect of the command ${place} within ${timeoutMs / 1000} s. It waits in the topic for a bridge with the role relay, as long as the topic keeps it. ` +
      `Does one run, what does /readyz?verbose on its health port say of the part bans, has the group ${group} a lag on ${ack.topic}, and is the command among the dead letters (gossip-bridge dead-letters list)?`,
  )
}

async function sent(deps: BanChangeDeps, id: string, leftMs: number): Promise<Ack> {
  try {
    return await withDeadline(deps.send({ [COMMAND_ID]: id }), Math.max(1, leftMs), 'writing the command')
  } catch (error) {
    const reason = error instanceof DeadlineError ? deps.sendTrouble() : error instanceof Error ? error.message : String(error)
    throw new CommandError(`The command could not be written: ${reason}`, { cause: error })
  }
}

/** An error after the write must not read as if the command had not been written. */
async function written<T>(place: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError(
      `The command was written as ${place}, but its effect cannot be read: ${reason}. See \`gossip-bridge bans list\`.`,
      {
        cause: error,
      },
    )
  }
}

/** The first match in a topic from an offset on, or undefined at the deadline. */
async function firstOf<T>(
  topic: TopicView,
  from: bigint,
  until: number,
  find: (record: KafkaRecord) => Promise<T | undefined> | T | undefined,
) {
  for (let next = from; SYSTEM_CLOCK.steady() < until; ) {
    const answer = await topic.read(next)
    for (const record of answer.records) {
      const found = await find(record)
      if (found !== undefined) return found
    }
    if (answer.next === next) await delay(POLL_MS)
    next = answer.next
  }
  return undefined
}
