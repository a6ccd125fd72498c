import type { LogEntry, logCreator } from 'kafkajs'
import type { Logger } from 'pino'

/**
 * kafkajs logs each of its failed attempts as an error, several lines a second in an outage. Our own code logs one line for each change,
 * so the messages of kafkajs are for debugging only.
 */
export function createLogOfKafkajs(log: Logger): logCreator {
  return () => (entry: LogEntry) => {
    const { message, timestamp: _, logger: __, ...detail } = entry.log
    const fields = { kafkajs: entry.namespace, ...detail }
    if (entry.label === 'ERROR' || entry.label === 'WARN') log.debug(fields, message)
    else log.trace(fields, message)
  }
}
