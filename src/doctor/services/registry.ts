import { type Finding, fail, messageOf, ok, warn } from '../finding.ts'

/** `missing`: the subjects that lack one of our schemas. */
export function judgeRegistry(missing: readonly string[]): Finding {
  return missing.length === 0
    ? ok('the schema registry has all schemas')
    : warn(
        `the schema registry lacks schemas of ${missing.join(', ')}`,
        'the bridge registers them at its start, if it may; otherwise register the files of schemas/avro by hand',
      )
}

export function judgeRegistryTrouble(error: unknown): Finding {
  return fail(messageOf(error), 'correct schema_registry_url and its user and password, or start the registry')
}
