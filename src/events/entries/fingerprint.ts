import type { KafkaRecord } from '../../kafka/record.ts'

const START_OF_AN_ID = /^[0-9a-f]{8}/

/**
 * What goes into the metadata of a committed offset: the first 8 characters of the id of the record before it, as in a cursor, so
 * that whoever goes on there can tell whether it is still the same log. Empty for a record that is no event.
 */
export function proofOf({ key }: Pick<KafkaRecord, 'key'>): string {
  return START_OF_AN_ID.exec(key?.toString('latin1', 0, 8) ?? '')?.[0] ?? ''
}

/**
 * False where another record stands before the committed offset: the topic was made anew, and the offset means nothing in it. An
 * offset without a proof was set by an operator's tool and is taken as it is.
 */
export function isCommitOf(proof: string, before: Pick<KafkaRecord, 'key'> | undefined): boolean {
  return proof === '' || (before !== undefined && proofOf(before) === proof)
}
