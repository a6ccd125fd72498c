/** Kafka's ACL operations by their code, which is their bit in the answers to "what may this user do?". */
const BY_CODE: Readonly<Record<number, string>> = {
  3: 'Read',
  4: 'Write',
  5: 'Create',
  6: 'Delete',
  7: 'Alter',
  8: 'Describe',
  9: 'ClusterAction',
  10: 'DescribeConfigs',
  11: 'AlterConfigs',
  12: 'IdempotentWrite',
}
/** The broker did not say. */
const UNKNOWN = -(2 ** 31)

/** The names of the allowed operations. Undefined when the broker did not say. */
export function operationsOf(bits: number): string[] | undefined {
  if (bits === UNKNOWN) return undefined
  return Object.entries(BY_CODE).flatMap(([code, name]) => ((bits >>> Number(code)) & 1 ? [name] : []))
}
