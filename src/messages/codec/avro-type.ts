import avro from 'avsc'
import { isInt64 } from './int64.ts'

/**
 * Marks a long whose JavaScript value is a bigint, as an attribute in the schema file: counts that Go keeps as uint64 may
 * exceed 2^53. Other longs (heights, times) are plain numbers, and one that exceeds 2^53 is refused. Attributes that Avro
 * does not know are metadata to every other reader.
 */
const BIGINT_ATTRIBUTE = 'jsType'

export interface ParseOptions {
  /** Schemas that this one refers to, each behind the ones that it refers to itself. */
  readonly referenced?: readonly string[]
  /** For schemas that others wrote: every long is read as a bigint, so that none loses digits. */
  readonly allLongsAreBigint?: boolean
}

/** The Avro type of a schema text. Throws if the text is not a schema. */
export function parseAvroType(schemaText: string, { referenced = [], allLongsAreBigint = false }: ParseOptions = {}): avro.Type {
  const bigintLong = createBigintLong()
  const options = {
    // The methods that avsc adds to records would hinder comparing and cloning them.
    omitRecordMethods: true,
    registry: {},
    typeHook: (schema: unknown) => (isBigintLong(schema) || (allLongsAreBigint && isLong(schema)) ? bigintLong : undefined),
  }
  for (const text of referenced) avro.Type.forSchema(JSON.parse(text), options)
  return avro.Type.forSchema(JSON.parse(schemaText), options)
}

/** The parts of a schema that matter for the encoding. Two schema texts with the same canonical form describe the same bytes. */
export function canonicalSchema(schemaText: string): string {
  return JSON.stringify(parseAvroType(schemaText).schema())
}

function isBigintLong(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && BIGINT_ATTRIBUTE in schema && schema[BIGINT_ATTRIBUTE] === 'bigint'
}

function isLong(schema: unknown): boolean {
  return schema === 'long' || (typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === 'long')
}

function createBigintLong(): avro.types.LongType {
  return avro.types.LongType.__with({
    fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const bytes = Buffer.allocUnsafe(8)
      bytes.writeBigInt64LE(value)
      return bytes
    },
    fromJSON: (value: number | string) => BigInt(value),
    toJSON: (value: bigint) => String(value),
    isValid: isInt64,
    compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
  })
}
