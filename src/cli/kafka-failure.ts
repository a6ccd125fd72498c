import { describeTrouble, troubleOf } from '../kafka/client/trouble.ts'
import { CommandError } from './context.ts'

/** Describes a failure of Kafka to the user of a command. Unlike the service, a command does not retry. */
export function kafkaFailure(error: unknown, about: { brokers: readonly string[]; topics: readonly string[] }): CommandError {
  const message = error instanceof Error ? error.message : String(error)
  const texts: Partial<Record<ReturnType<typeof troubleOf>, string>> = {
    away: `Kafka at ${about.brokers.join(', ')} does not answer (${message}). Start it, or name another in kafka_brokers.`,
    failed: `Kafka refuses: ${message}`,
    internal: `The command failed: ${message}`,
  }
  return new CommandError(texts[troubleOf(error)] ?? describeTrouble(error, about), { cause: error })
}
