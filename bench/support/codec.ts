import { pathToFileURL } from 'node:url'
import { projectFile } from '../../deploy/local/programs/local-files.ts'
import { type Codec, createCodec } from '../../src/messages/codec/codec.ts'
import { readSchemas, type SchemaVersion } from '../../src/messages/codec/schemas.ts'

/** The bridge's schemas, which compiled benches do not find on their own. */
export function benchSchemas(): SchemaVersion[] {
  return readSchemas(pathToFileURL(`${projectFile('schemas', 'avro')}/`))
}

/** The bridge's codec with its default encoding, Avro. */
export function benchCodec(): Codec {
  return createCodec({}, { schemas: benchSchemas() })
}
