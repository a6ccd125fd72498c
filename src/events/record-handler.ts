import type { KafkaRecord } from '../kafka/record.ts'

/**
 * What a flow from Kafka is: it resolves when the effect stands, with a word for what happened that the caller counts, and
 * only then does the offset move. It throws BadInputError for a record that nobody can use (dead letter) and
 * RetryLaterError for a record that has to wait (its partition waits with it).
 */
export type RecordHandler = (record: KafkaRecord) => Promise<string>
