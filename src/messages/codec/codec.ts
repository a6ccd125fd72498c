import type avro from 'avsc'
import { BadInputError } from '../errors.ts'
import type { TopicValues } from '../topic-values.ts'
import { VALUE_ROLES, type ValueRole } from '../topics.ts'
import { type AvroReaders, createAvroReaders, createAvroWriter, looksFramed, type SchemaLookup } from './avro-framing.ts'
import { parseAvroType } from './avro-type.ts'
import { jsonReader, jsonWriter } from './json-shape.ts'
import { parseJsonText } from './json-text.ts'
import { looksLikeProtobuf, readProtobufStrings, TERANODE_MESSAGES } from './protobuf-strings.ts'
import { protobufWriter } from './protobuf-writer.ts'
import { SCHEMA_HEADER } from './schema-name.ts'
import { type SchemaVersion, schemasOf } from './schemas.ts'

/** `protobuf`: as Teranode's services write it, for the roles in TERANODE_MESSAGES. */
export type Encoding = 'avro' | 'json' | 'protobuf'

export interface CodecOptions {
  /** Encodings for writing, Avro by default. Reading recognises the encoding from the bytes. */
  readonly encodings?: Partial<Record<ValueRole, Encoding>>
  /** The least version of a role's schema to write with, where the version that ids.json names would lose something. */
  readonly atLeast?: Partial<Record<ValueRole, number>>
}

/** What a record says of its value. */
export interface RecordValue {
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
  /** The bytes of a header, which need not be text. */
  headerBytes?(name: string): Buffer | undefined
}

export interface CodecDeps {
  readonly schemas: readonly SchemaVersion[]
  /** Looks up ids that are not among `schemas`. Without it such an id is bad input. */
  readonly lookup?: SchemaLookup
}

/**
 * Encodes and decodes the values of records, for every role that has a schema. `decode` throws BadInputError for unusable bytes,
 * and RetryLaterError while an external registry has not answered.
 */
export interface Codec {
  encode<R extends ValueRole>(role: R, value: TopicValues[R]): Buffer
  decode<R extends ValueRole>(role: R, bytes: Buffer | null): TopicValues[R]
  /** The id of the schema that an external registry has not named yet; it is asked for. Undefined for all other values. */
  awaitedSchema(role: ValueRole, bytes: Buffer | null): number | undefined
  /** The same for a record that others may have written: a header may name the schema of its value. */
  decodeRecord<R extends ValueRole>(role: R, record: RecordValue): TopicValues[R]
  /** Text of the header `schema` on records: name and id, for example `Event:6`, or the name of a Protobuf message. */
  schemaHeader(role: ValueRole): string
}

const OPEN_BRACE = 0x7b

type AvroWriter = ReturnType<typeof createAvroWriter>

interface RoleCodec {
  readonly header: string
  encode(value: unknown): Buffer
  readonly avro: AvroReaders
  decodeJson(bytes: Buffer): unknown
  /** Undefined for a role that nobody writes in Protobuf. */
  readonly decodeProtobuf: { looksLike(bytes: Buffer): boolean; read(bytes: Buffer): unknown } | undefined
}

export function createCodec({ encodings = {}, atLeast = {} }: CodecOptions, deps: CodecDeps): Codec {
  const writeAvro = createAvroWriter()
  const codecs = Object.fromEntries(
    VALUE_ROLES.map((role) => [
      role,
      createRoleCodec({ role, encoding: encodings[role] ?? 'avro', atLeast: atLeast[role] ?? 1 }, writeAvro, deps),
    ]),
  ) as unknown as Record<ValueRole, RoleCodec>
  return {
    encode: (role, value) => codecs[role].encode(value),
    decode: <R extends ValueRole>(role: R, bytes: Buffer | null) => decode(codecs[role], bytes) as TopicValues[R],
    awaitedSchema: (role, bytes) => (bytes !== null && looksFramed(bytes) ? codecs[role].avro.awaitedSchema(bytes) : undefined),
    decodeRecord: <R extends ValueRole>(role: R, record: RecordValue) => decodeRecord(codecs[role], record) as TopicValues[R],
    schemaHeader: (role) => codecs[role].header,
  }
}

function decode(codec: RoleCodec, bytes: Buffer | null): unknown {
  if (bytes === null) throw new BadInputError('null-value', 'the record has no value; only compacted topics take tombstones')
  if (looksFramed(bytes)) return codec.avro.framed(bytes)
  if (looksLikeJson(bytes)) return codec.decodeJson(bytes)
  if (codec.decodeProtobuf?.looksLike(bytes)) return codec.decodeProtobuf.read(bytes)
  const start = bytes.subarray(0, 8).toString('hex')
  const known = `framed Avro nor a JSON object${codec.decodeProtobuf ? ' nor Protobuf' : ''}`
  throw new BadInputError('unknown-framing', `the value (${bytes.length} bytes, starts with ${start || 'nothing'}) is neither ${known}`)
}

/** A value with a schema in its header is bare Avro, or JSON: 0x7b begins no Avro record whose first field is a text, as in all of ours. */
function decodeRecord(codec: RoleCodec, record: RecordValue): unknown {
  const { value, headers } = record
  const text = headers[SCHEMA_HEADER]
  if (text === undefined || value === null || value[0] === OPEN_BRACE) return decode(codec, value)
  return codec.avro.named(value, record.headerBytes?.(SCHEMA_HEADER) ?? Buffer.from(text))
}

function looksLikeJson(bytes: Buffer): boolean {
  let at = 0
  while (isJsonSpace(bytes[at])) at++
  return bytes[at] === OPEN_BRACE
}

function isJsonSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

interface RoleCodecOptions {
  readonly role: ValueRole
  readonly encoding: Encoding
  readonly atLeast: number
}

function createRoleCodec({ role, encoding, atLeast }: RoleCodecOptions, writeAvro: AvroWriter, { schemas, lookup }: CodecDeps): RoleCodec {
  const { newest, written } = schemasOf(schemas, role, { atLeast })
  const type = parseAvroType(newest.text)
  const writtenType = written === newest ? type : parseAvroType(written.text)
  const message = TERANODE_MESSAGES[role]
  const read = jsonReader(type, newest.name)
  const write = jsonWriter(writtenType)
  const encoders: Record<Encoding, RoleCodec['encode'] | undefined> = {
    avro: (value) => writeAvro(written.id, writtenType, value),
    json: (value) => Buffer.from(write(value)),
    protobuf: message && protobufWriter(message),
  }
  const encode = encoders[encoding]
  if (!encode) throw new Error(`no message of ${encoding} is known for the role ${role}`)
  return {
    header: encoding === 'protobuf' ? `kafkamessage.${message?.name}` : `${written.name}:${written.id}`,
    encode,
    avro: createAvroReaders({ role, type, schemas, ...(lookup ? { lookup } : {}) }),
    decodeJson: (bytes) => read(parseJson(bytes, type)),
    decodeProtobuf: message && {
      looksLike: (bytes) => looksLikeProtobuf(bytes, message.fields),
      read: (bytes) => readProtobufStrings(bytes, message),
    },
  }
}

function parseJson(bytes: Buffer, type: avro.Type): unknown {
  try {
    return parseJsonText(bytes.toString('utf8'))
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new BadInputError('not-json', `the value begins like the JSON of a ${type.name}, but cannot be parsed: ${detail}`, {
      cause: error,
    })
  }
}
