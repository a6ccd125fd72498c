import type { KafkaRecord } from '../../kafka/record.ts'

const START_OF_AN_ID = /^[0-9a-f]{8}/

/**
 * The first 8 characters of a record's event id; empty for a record that is not an event. The metadata of a committed offset holds it
 * for the last record before the offset, so that the next reader can tell whether this is still the same event log.
 */
export function fingerprintOf({ key }: Pick<KafkaRecord, 'key'>): string {
  return START_OF_AN_ID.exec(key?.toString('latin1', 0, 8) ?? '')?.[0] ?? ''
}

/**
 * Whether a committed offset was committed in this event log. `found` is the record at the preceding offset, or the first one after
 * that. When the preceding offset has no record, as after a control record, the commit is accepted. An offset without a fingerprint was
 * set by an operator's tool and is accepted too.
 */
export function isCommitOf(
  committed: { next: bigint; fingerprint: string },
  found: Pick<KafkaRecord, 'key' | 'offset'> | undefined,
): boolean {
  const isGone = found === undefined || found.offset !== committed.next - 1n
  return committed.fingerprint === '' || isGone || fingerprintOf(found) === committed.fingerprint
}
