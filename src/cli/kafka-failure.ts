import { describeTrouble, troubleOf } from '../kafka/client/trouble.ts'
import { DeadlineError } from '../lifecycle/time.ts'
import { CommandError } from './context.ts'

export interface AboutKafka {
  readonly brokers: readonly string[]
  readonly topics: readonly string[]
}

/** Describes a failure of Kafka to the user of a command. Unlike the service, a command does not retry. */
export function kafkaFailure(error: unknown, about: AboutKafka): CommandError {
  const reason = kafkaReason(error, about)
  const texts: Partial<Record<ReturnType<typeof troubleOf>, string>> = {
    away: `${reason}. Start it, or name another in kafka_brokers.`,
    internal: `The command failed: ${reason}`,
  }
  return new CommandError(texts[troubleOf(lastOf(error))] ?? reason, { cause: error })
}

/** The same as a part of a sentence. */
export function kafkaReason(error: unknown, about: AboutKafka): string {
  const last = lastOf(error)
  const message = last instanceof Error ? last.message : String(last)
  const texts: Partial<Record<ReturnType<typeof troubleOf>, string>> = {
    away: `Kafka at ${about.brokers.join(', ')} does not answer (${message})`,
    failed: `Kafka refuses: ${message}`,
    internal: message,
  }
  return texts[troubleOf(last)] ?? describeTrouble(last, about)
}

/** Readers put their own sentence around a failure, which says what the service does next. Below it is what Kafka did. */
function lastOf(error: unknown): unknown {
  let last = error
  while (last instanceof Error && last.cause !== undefined && (last instanceof DeadlineError || last.name === 'Error')) last = last.cause
  return last
}
