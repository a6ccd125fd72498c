/** The part of Avro's JSON that schemas/avro uses. */
export type AvroSchema = string | readonly AvroSchema[] | AvroRecord | { readonly type: string; readonly jsType?: string }

export interface AvroRecord {
  readonly type: 'record'
  readonly doc?: string
  readonly fields: readonly AvroField[]
}

export interface AvroField {
  readonly name: string
  readonly type: AvroSchema
  readonly doc?: string
}

export type JsonSchema = Readonly<Record<string, unknown>>

const PLAIN: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  long: { type: 'integer' },
  double: { type: 'number' },
}
/** Counts of 64 bits: a parser that reads them as doubles loses digits. */
const INT64: JsonSchema = { type: 'integer', format: 'int64' }

/** The JSON Schema of a value of an Avro schema as our JSON has it: null properties are left out, so they are not required. */
export function jsonSchemaOf(schema: AvroSchema): JsonSchema {
  if (typeof schema === 'string') return plain(schema)
  if (isUnion(schema)) return jsonSchemaOf(schema.find((branch) => branch !== 'null') ?? 'null')
  if ('fields' in schema) return objectSchema(schema)
  return 'jsType' in schema ? INT64 : jsonSchemaOf(schema.type)
}

function objectSchema({ fields, doc }: AvroRecord): JsonSchema {
  return {
    type: 'object',
    ...(doc !== undefined && { description: doc }),
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])),
    required: fields.filter(({ type }) => !isUnion(type)).map(({ name }) => name),
  }
}

function fieldSchema({ type, doc }: AvroField): JsonSchema {
  return doc === undefined ? jsonSchemaOf(type) : { ...jsonSchemaOf(type), description: doc }
}

/** Of null and one type. */
export function isUnion(schema: AvroSchema): schema is readonly AvroSchema[] {
  return Array.isArray(schema)
}

function plain(name: string): JsonSchema {
  const found = PLAIN[name]
  if (found === undefined) throw new Error(`the Avro type ${name} has no JSON Schema here`)
  return found
}
