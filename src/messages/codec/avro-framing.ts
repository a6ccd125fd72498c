import type avro from 'avsc'
import { BadInputError, RetryLaterError } from '../errors.ts'
import type { ValueRole } from '../topics.ts'
import { parseAvroType } from './avro-type.ts'
import type { SchemaVersion } from './schemas.ts'

/** Confluent's framing: a zero byte, the schema id in 4 bytes big-endian, the Avro body. */
export const PREFIX_BYTES = 5
const SCRATCH_BYTES = 64 * 1024
/** Upper bound on cached schema ids of foreign producers, per role. Beyond it the oldest is dropped and parsed again on use. */
const MAX_FOREIGN_READERS = 200

/**
 * Looks up an id that is not ours: the text of its schema, `unknown`, or `pending` while the registry has not answered.
 * It returns at once and queries the registry in the background.
 */
export type SchemaLookup = (id: number) => { schemaText: string } | 'unknown' | 'pending'

export interface AvroReadersOptions {
  readonly role: ValueRole
  /** Values of all versions are read as this type. */
  readonly type: avro.Type
  readonly schemas: readonly SchemaVersion[]
  readonly lookup?: SchemaLookup
}

type Reader = (bytes: Buffer) => unknown

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
export function createAvroReaders({ role, type, schemas, lookup }: AvroReadersOptions): Reader {
  const readers = new Map<number, Reader>()
  for (const schema of schemas) {
    if (schema.role === role) readers.set(schema.id, createReader(type, schema.text))
  }
  const foreign = new Map<number, Reader>()

  const foreignReader = (id: number): Reader => {
    const own = schemas.find((schema) => schema.id === id)
    if (own)
      throw new BadInputError(
        'wrong-schema',
        `schema id ${id} is ${own.name} and does not belong into this topic, which takes ${type.name}`,
      )
    const answer = lookup?.(id) ?? 'unknown'
    if (answer === 'pending') throw new RetryLaterError(`the schema registry has not answered what schema ${id} is yet`)
    if (answer === 'unknown') {
      throw new BadInputError(
        'unknown-schema',
        `no registry knows schema id ${id}; the ids of ${type.name} here are ${[...readers.keys()].join(', ')}`,
      )
    }
    const reader = createReader(type, answer.schemaText, id)
    for (const oldest of foreign.keys()) {
      if (foreign.size < MAX_FOREIGN_READERS) break
      foreign.delete(oldest)
    }
    foreign.set(id, reader)
    return reader
  }

  return (bytes) => {
    if (bytes.length < PREFIX_BYTES)
      throw new BadInputError('truncated', `the value ends within the schema id: it has ${bytes.length} bytes`)
    const id = bytes.readUInt32BE(1)
    const read = readers.get(id) ?? foreign.get(id) ?? foreignReader(id)
    return read(bytes)
  }
}

function createReader(type: avro.Type, writerText: string, foreignId?: number): Reader {
  const resolver = createResolver(type, writerText, foreignId)
  return (bytes) => {
    const { value, offset } = decodeBody(type, bytes, resolver)
    if (offset < 0) throw new BadInputError('truncated', `the ${type.name} ends before its last field: it has ${bytes.length} bytes`)
    if (offset < bytes.length) {
      throw new BadInputError('trailing-bytes', `after the ${type.name} come ${bytes.length - offset} bytes too many`)
    }
    return value
  }
}

function decodeBody(type: avro.Type, bytes: Buffer, resolver: ReturnType<typeof createResolver>): { value: unknown; offset: number } {
  try {
    return type.decode(bytes, PREFIX_BYTES, resolver)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new BadInputError('malformed-avro', `the bytes do not make a ${type.name}: ${detail}`, { cause: error })
  }
}

/** Undefined if the writer's schema equals the reader's: plain decoding is faster. */
function createResolver(type: avro.Type, writerText: string, foreignId?: number): ReturnType<avro.Type['createResolver']> | undefined {
  try {
    const writer = parseAvroType(writerText)
    return JSON.stringify(writer.schema()) === JSON.stringify(type.schema()) ? undefined : type.createResolver(writer)
  } catch (error) {
    if (foreignId === undefined) throw error
    const detail = error instanceof Error ? error.message : String(error)
    throw new BadInputError('wrong-schema', `schema id ${foreignId} of the registry cannot be read as ${type.name}: ${detail}`, {
      cause: error,
    })
  }
}
