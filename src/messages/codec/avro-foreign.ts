import avro from 'avsc'
import { BadInputError } from '../errors.ts'
import { parseAvroType } from './avro-type.ts'
import { jsonReader } from './json-shape.ts'
import { nameText, type SchemaName } from './schema-name.ts'

/** A schema that others registered, with those that it refers to, each behind the ones that it refers to itself. */
export interface ForeignSchema {
  readonly schemaText: string
  readonly referenced?: readonly string[]
  /** As the registry calls it. Undefined means AVRO. */
  readonly schemaType?: string
}

/**
 * Reads by content what avsc's own resolution refuses although Avro's specification allows it: a record of the same name in another
 * namespace, a field that was made nullable, a default value that fits another branch of its union. The value is decoded with the
 * writer's schema, and its fields then have to be those of the reader's type. Throws when the schema describes something else.
 */
export function readByContent(
  type: avro.Type,
  schema: ForeignSchema,
): (bytes: Buffer, start: number) => { value: unknown; offset: number } {
  const writer = parseAvroType(withoutDefaults(schema.schemaText), {
    referenced: (schema.referenced ?? []).map(withoutDefaults),
    allLongsAreBigint: true,
  })
  if (!(writer instanceof avro.types.RecordType && type instanceof avro.types.RecordType)) throw new Error('it is no record')
  if (shortName(writer) !== shortName(type)) throw new Error(`it is a ${writer.name}`)
  const names = new Set(writer.fields.map(({ name }) => name))
  const lacking = type.fields.filter(({ name, defaultValue }) => !names.has(name) && defaultValue() === undefined)
  if (lacking.length > 0) throw new Error(`it has no ${lacking.map(({ name }) => name).join(', ')}`)
  if (hasEmptyItems(writer, new Set())) throw new Error('it has a list or a map of things without size, of which a few bytes hold millions')
  const shape = jsonReader(type, shortName(type))
  return (bytes, start) => {
    const { value, offset } = writer.decode(bytes, start)
    return { value: offset < 0 ? undefined : shape(plain(value)), offset }
  }
}

/** A writer's default values have no part in reading, and some that other libraries take are none for avsc. */
function withoutDefaults(schemaText: string): string {
  return JSON.stringify(JSON.parse(schemaText, (key, value) => (key === 'default' ? undefined : value)))
}

function shortName({ name }: avro.Type): string {
  return (name ?? '').replace(/^.*\./, '')
}

/** All longs come as bigint; a field of a plain number wants one. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}

function hasEmptyItems(type: avro.Type, seen: Set<avro.Type>): boolean {
  if (seen.has(type)) return false
  seen.add(type)
  if (type instanceof avro.types.ArrayType) return isEmpty(type.itemsType, new Set()) || hasEmptyItems(type.itemsType, seen)
  if (type instanceof avro.types.MapType) return hasEmptyItems(type.valuesType, seen) // each has a key
  if (type instanceof avro.types.RecordType) return type.fields.some((field) => hasEmptyItems(field.type, seen))
  if (isUnion(type)) return type.types.some((branch) => hasEmptyItems(branch, seen))
  return false
}

/** True for a type whose values take no bytes. */
function isEmpty(type: avro.Type, seen: Set<avro.Type>): boolean {
  if (seen.has(type)) return false
  seen.add(type)
  if (type instanceof avro.types.RecordType) return type.fields.every((field) => isEmpty(field.type, seen))
  return type.typeName === 'null' || (type instanceof avro.types.FixedType && type.size === 0)
}

function isUnion(type: avro.Type): type is avro.types.UnwrappedUnionType | avro.types.WrappedUnionType {
  return type instanceof avro.types.UnwrappedUnionType || type instanceof avro.types.WrappedUnionType
}

export function wrongSchema(name: SchemaName, type: avro.Type, error: unknown): BadInputError {
  const detail = error instanceof Error ? error.message : String(error)
  return new BadInputError('wrong-schema', `${nameText(name)} of the registry cannot be read as ${type.name}: ${detail}`, { cause: error })
}
