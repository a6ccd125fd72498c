import { createHash } from 'node:crypto'
import { BadInputError } from '../errors.ts'

/** What names the schema of a value: an id, or a GUID (lower case), which is the same in every registry. */
export type SchemaName = number | string

/**
 * The header with which Confluent's clients (schema.id.serializer: header) name the schema of a value, which then has no frame. Its value
 * is 1 and the 16 bytes of a GUID; readers also take 0 and an id of 4 bytes. (`__key_schema_id` is the same for keys, of which the bridge
 * uses none.)
 */
export const SCHEMA_HEADER = '__value_schema_id'

const ID_BYTES = 5
const GUID_BYTES = 17

/** Throws BadInputError for a header that names no schema. */
export function schemaNameOf(header: Buffer): SchemaName {
  if (header[0] === 1 && header.length === GUID_BYTES) return guid(header.toString('hex', 1))
  if (header[0] === 0 && header.length === ID_BYTES) return header.readUInt32BE(1)
  const start = header.subarray(0, 8).toString('hex')
  const found = `the header ${SCHEMA_HEADER} has ${header.length} bytes and starts with ${start || 'nothing'}`
  throw new BadInputError('bad-schema-header', `${found}; an Avro value has 01 and a GUID there (17 bytes), or 00 and an id (5 bytes)`)
}

/** For sentences. */
export function nameText(name: SchemaName): string {
  return typeof name === 'number' ? `schema id ${name}` : `schema ${name} of the header ${SCHEMA_HEADER}`
}

/** The GUID of a schema of the bridge: a UUID of its text. */
export function guidOf(schemaText: string): string {
  return guid(createHash('sha256').update(schemaText).digest('hex'))
}

function guid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
