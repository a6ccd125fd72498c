import type avro from 'avsc'
import { looksFramed, PREFIX_BYTES } from './avro-framing.ts'
import { parseAvroType } from './avro-type.ts'
import { type SchemaVersion, schemasOf } from './schemas.ts'

/** Identifies an event, without its content. */
export interface EventHead {
  readonly id: string
  readonly type: string
}

const HEAD_FIELDS: readonly string[] = ['id', 'type'] satisfies (keyof EventHead)[]

/**
 * Reads the id and the type of an event and skips the rest: a start reads back hundreds of thousands of events, and needs the content
 * of few. Undefined for a value that is not Avro in one of our own schemas, which has to be decoded whole.
 */
export function createEventHeadReader(schemas: readonly SchemaVersion[]): (value: Buffer | null) => EventHead | undefined {
  const head = headType(schemasOf(schemas, 'events').newest.text)
  const own = schemas.filter(({ role }) => role === 'events')
  const resolvers = new Map(own.map(({ id, text }) => [id, head.createResolver(parseAvroType(text))]))
  return (value) => {
    if (value === null || !looksFramed(value) || value.length < PREFIX_BYTES) return undefined
    const resolver = resolvers.get(value.readUInt32BE(1))
    return resolver && decodeWhole(head, value, resolver)
  }
}

function headType(schemaText: string): avro.Type {
  const schema: { fields: { name: string }[] } = JSON.parse(schemaText)
  return parseAvroType(JSON.stringify({ ...schema, fields: schema.fields.filter(({ name }) => HEAD_FIELDS.includes(name)) }))
}

/** Undefined unless the bytes are exactly one value. */
function decodeWhole(head: avro.Type, bytes: Buffer, resolver: ReturnType<avro.Type['createResolver']>): EventHead | undefined {
  try {
    const { value, offset } = head.decode(bytes, PREFIX_BYTES, resolver)
    return offset === bytes.length ? value : undefined
  } catch {
    return undefined // the full decoding reports the error
  }
}
