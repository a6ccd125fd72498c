import type avro from 'avsc'
import { BadInputError, RetryLaterError } from '../errors.ts'
import type { ValueRole } from '../topics.ts'
import { type ForeignSchema, readByContent, wrongSchema } from './avro-foreign.ts'
import { parseAvroType } from './avro-type.ts'
import { guidOf, nameText, type SchemaName, schemaNameOf } from './schema-name.ts'
import type { SchemaVersion } from './schemas.ts'

/** Confluent's framing: a zero byte, the schema id in 4 bytes big-endian, the Avro body. */
export const PREFIX_BYTES = 5
const SCRATCH_BYTES = 64 * 1024
/** Upper bound on cached schema ids of foreign producers, per role. Beyond it the oldest is dropped and parsed again on use. */
const MAX_FOREIGN_READERS = 200

/**
 * Looks up a schema that is not ours: its text, `unknown`, or `pending` while the registry has not answered.
 * It returns at once and queries the registry in the background.
 */
export type SchemaLookup = (name: SchemaName) => ForeignSchema | 'unknown' | 'pending'

export interface AvroReadersOptions {
  readonly role: ValueRole
  /** Values of all versions are read as this type. */
  readonly type: avro.Type
  readonly schemas: readonly SchemaVersion[]
  readonly lookup?: SchemaLookup
}

/** Decodes the body at `start`, to the end of the bytes. */
type Reader = (bytes: Buffer, start: number) => unknown

export interface AvroReaders {
  /** A value in its frame. */
  framed(bytes: Buffer): unknown
  /** A bare value, with the header that names its schema. */
  named(bytes: Buffer, header: Buffer): unknown
  /** The id of a framed value's schema while the lookup says `pending`; undefined for all other values. */
  awaitedSchema(bytes: Buffer): number | undefined
}

export function looksFramed(bytes: Buffer): boolean {
  return bytes[0] === 0
}

/**
 * Encodes values with their frame. One writer serves all types. It encodes into one buffer and copies from it, which is twice
 * as fast as a new buffer for each value. A value that does not fit the type is our own bug and throws a plain Error.
 */
export function createAvroWriter(): (id: number, type: avro.Type, value: unknown) => Buffer {
  const scratch = Buffer.allocUnsafe(SCRATCH_BYTES)
  return (id, type, value) => {
    const end = type.encode(value, scratch, PREFIX_BYTES)
    const bytes = end > 0 ? Buffer.from(scratch.subarray(0, end)) : Buffer.concat([Buffer.alloc(PREFIX_BYTES), type.toBuffer(value)])
    bytes[0] = 0
    bytes.writeUInt32BE(id, 1)
    return bytes
  }
}

/** One reader per writer's schema. Older versions and foreign schemas are read by Avro's resolution rules. */
export function createAvroReaders({ role, type, schemas, lookup }: AvroReadersOptions): AvroReaders {
  const readers = new Map<SchemaName, Reader>()
  for (const schema of schemas) {
    if (schema.role !== role) continue
    const read = createReader(type, schema.text)
    readers.set(schema.id, read).set(guidOf(schema.text), read)
  }
  const foreign = new Map<SchemaName, Reader>()
  const ownIds = new Set(schemas.map(({ id }) => id))

  const foreignReader = (name: SchemaName): Reader => {
    const own = schemas.find((schema) => name === (typeof name === 'number' ? schema.id : guidOf(schema.text)))
    if (own)
      throw new BadInputError(
        'wrong-schema',
        `${nameText(name)} is ${own.name} and does not belong into this topic, which takes ${type.name}`,
      )
    const answer = lookup?.(name) ?? 'unknown'
    if (answer === 'pending') throw new RetryLaterError(`the schema registry has not answered what ${nameText(name)} is yet`)
    if (answer === 'unknown') {
      throw new BadInputError(
        'unknown-schema',
        `no registry knows ${nameText(name)}; those of ${type.name} here are ${namesLike(name, readers.keys())}`,
      )
    }
    const read = createForeignReader(type, answer, name)
    for (const oldest of foreign.keys()) {
      if (foreign.size < MAX_FOREIGN_READERS) break
      foreign.delete(oldest)
    }
    foreign.set(name, read)
    return read
  }

  const reader = (name: SchemaName): Reader => readers.get(name) ?? foreign.get(name) ?? foreignReader(name)
  return {
    framed(bytes) {
      if (bytes.length < PREFIX_BYTES)
        throw new BadInputError('truncated', `the value ends within the schema id: it has ${bytes.length} bytes`)
      return reader(bytes.readUInt32BE(1))(bytes, PREFIX_BYTES)
    },
    named: (bytes, header) => reader(schemaNameOf(header))(bytes, 0),
    awaitedSchema(bytes) {
      if (!lookup || bytes.length < PREFIX_BYTES) return undefined
      const id = bytes.readUInt32BE(1)
      if (readers.has(id) || foreign.has(id) || ownIds.has(id)) return undefined
      return lookup(id) === 'pending' ? id : undefined
    },
  }
}

/** Ids beside an id, and GUIDs beside a GUID. */
function namesLike(name: SchemaName, names: Iterable<SchemaName>): string {
  return [...names].filter((each) => typeof each === typeof name).join(', ')
}

type Decode = (bytes: Buffer, start: number) => { value: unknown; offset: number }

function createReader(type: avro.Type, writerText: string): Reader {
  const writer = parseAvroType(writerText)
  // Plain decoding is faster.
  const isSame = JSON.stringify(writer.schema()) === JSON.stringify(type.schema())
  const resolver = isSame ? undefined : type.createResolver(writer)
  return readerOf(type, (bytes, start) => type.decode(bytes, start, resolver))
}

/** By the rules of Avro as avsc knows them, else by content. */
function createForeignReader(type: avro.Type, schema: ForeignSchema, name: SchemaName): Reader {
  if (schema.schemaType !== undefined && schema.schemaType !== 'AVRO')
    throw wrongSchema(name, type, `it is a schema of the type ${schema.schemaType}`)
  try {
    return createReader(type, schema.schemaText)
  } catch {
    try {
      return readerOf(type, readByContent(type, schema))
    } catch (error) {
      throw wrongSchema(name, type, error)
    }
  }
}

function readerOf(type: avro.Type, decode: Decode): Reader {
  return (bytes, start) => {
    const { value, offset } = decodeBody(type, bytes, start, decode)
    if (offset < 0) throw new BadInputError('truncated', `the ${type.name} ends before its last field: it has ${bytes.length} bytes`)
    if (offset < bytes.length) {
      throw new BadInputError('trailing-bytes', `after the ${type.name} come ${bytes.length - offset} bytes too many`)
    }
    return value
  }
}

function decodeBody(type: avro.Type, bytes: Buffer, start: number, decode: Decode): ReturnType<Decode> {
  try {
    return decode(bytes, start)
  } catch (error) {
    if (error instanceof BadInputError) throw error
    const detail = error instanceof Error ? error.message : String(error)
    throw new BadInputError('malformed-avro', `the bytes do not make a ${type.name}: ${detail}`, { cause: error })
  }
}
