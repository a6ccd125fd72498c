import avro from 'avsc'
import { BadInputError } from '../errors.ts'
import { isInt64 } from './int64.ts'

/** Converts parsed JSON to a value of the Avro type. Throws BadInputError with the field and the expected form. */
export type JsonReader = (json: unknown) => unknown
/** The JSON text of a value of the Avro type. Null fields are omitted. A bigint is a JSON integer. */
export type JsonWriter = (value: unknown) => string

/** Unknown fields are ignored. Missing ones get the schema's default. `path` names the value in messages. */
export function jsonReader(type: avro.Type, path: string): JsonReader {
  if (type instanceof avro.types.RecordType) return recordReader(type, path)
  if (type instanceof avro.types.UnwrappedUnionType) return nullableReader(type, path)
  const { expected, read } = scalar(type)
  return (json) => {
    const value = read(json)
    if (value === undefined) throw wrongShape(path, json, expected)
    return value
  }
}

function recordReader(type: avro.types.RecordType, path: string): JsonReader {
  const fields = type.fields.map((field) => {
    const fallback: unknown = field.defaultValue()
    return { name: field.name, fallback, read: jsonReader(field.type, `${path}.${field.name}`) }
  })
  return (json) => {
    if (!isObject(json)) throw wrongShape(path, json, 'an object')
    const value: Record<string, unknown> = {}
    for (const { name, fallback, read } of fields) {
      const given = Object.hasOwn(json, name) ? json[name] : undefined
      value[name] = given === undefined && fallback !== undefined ? fallback : read(given)
    }
    return value
  }
}

function nullableReader(type: avro.types.UnwrappedUnionType, path: string): JsonReader {
  const [nullType, other] = type.types
  if (nullType?.typeName !== 'null' || !other || type.types.length !== 2)
    throw new Error(`${path}: only unions of null and one type are supported`)
  const read = jsonReader(other, path)
  return (json) => (json === null ? null : read(json))
}

/** `read` returns undefined for JSON that does not fit. */
function scalar(type: avro.Type): { expected: string; read: (json: unknown) => unknown } {
  switch (type.typeName) {
    case 'string':
      return { expected: 'a text', read: (json) => (typeof json === 'string' ? json : undefined) }
    case 'boolean':
      return { expected: 'true or false', read: (json) => (typeof json === 'boolean' ? json : undefined) }
    case 'long':
      // Numbers that avsc cannot write (beyond 2^53 - 2) are not read from JSON either.
      return { expected: 'an integer within 2^53', read: (json) => (type.isValid(json) ? json : undefined) }
    case 'double':
      return { expected: 'a number', read: readDouble }
    case 'abstract:long':
      return { expected: 'an integer of 64 bits', read: readBigint }
    default:
      throw new Error(`the Avro type ${type.typeName} has no JSON form here`)
  }
}

/** The parser reads a long integer as bigint, and a double of 2^53 and more is written as one. */
function readDouble(json: unknown): number | undefined {
  const value = typeof json === 'bigint' ? Number(json) : json
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function readBigint(json: unknown): bigint | undefined {
  if (typeof json === 'number' && Number.isSafeInteger(json)) return BigInt(json)
  return isInt64(json) ? json : undefined
}

function wrongShape(path: string, json: unknown, expected: string): BadInputError {
  return new BadInputError('wrong-shape', `${path} is ${describe(json)}, but has to be ${expected}`)
}

function describe(json: unknown): string {
  if (json === undefined) return 'missing'
  if (json === null) return 'null'
  if (Array.isArray(json)) return 'an array'
  if (typeof json === 'object') return 'an object'
  if (typeof json === 'string') return `the text ${JSON.stringify(json.slice(0, 40))}`
  return `${typeof json === 'boolean' ? '' : 'the number '}${String(json)}`
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** Created once per type, so that writing a value does not walk the schema. */
export function jsonWriter(type: avro.Type): JsonWriter {
  if (type instanceof avro.types.UnwrappedUnionType) {
    const writers = type.types.filter((branch) => branch.typeName !== 'null').map(jsonWriter)
    const write = writers[0] ?? String
    return (value) => (value === null || value === undefined ? 'null' : write(value))
  }
  if (!(type instanceof avro.types.RecordType)) return type.typeName === 'string' || type.typeName === 'boolean' ? JSON.stringify : String
  const fields = type.fields.map(({ name, type: fieldType }) => ({
    name,
    prefix: `${JSON.stringify(name)}:`,
    write: jsonWriter(fieldType),
  }))
  return (value) => {
    const parts: string[] = []
    for (const { name, prefix, write } of fields) {
      const part = (value as Record<string, unknown>)[name]
      if (part !== null && part !== undefined) parts.push(prefix + write(part))
    }
    return `{${parts.join(',')}}`
  }
}
