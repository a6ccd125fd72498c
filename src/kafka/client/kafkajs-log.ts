import type { LogEntry, logCreator } from 'kafkajs'
import type { Logger } from 'pino'

/**
 * kafkajs reports each failed try of its own as an error, several lines a second in an outage. Whoever uses it here says in
 * one line what changed; its own words are for debugging only.
 */
export function createLogOfKafkajs(log: Logger): logCreator {
  return () => (entry: LogEntry) => {
    const { message, timestamp: _, logger: __, ...detail } = entry.log
    const fields = { kafkajs: entry.namespace, ...detail }
    if (entry.label === 'ERROR' || entry.label === 'WARN') log.debug(fields, message)
    else log.trace(fields, message)
  }
}
