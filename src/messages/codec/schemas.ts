import { readFileSync } from 'node:fs'
import type { ValueRole } from '../topics.ts'

/** One version of the schema of a role, under the id that stands in front of each value written with it. */
export interface SchemaVersion {
  readonly id: number
  readonly role: ValueRole
  readonly version: number
  /** Name of the record without its namespace. */
  readonly name: string
  /** The schema as one line of JSON. */
  readonly text: string
}

interface IdEntry {
  readonly id: number
  readonly role: ValueRole
  readonly version: number
  readonly file: string
}

/** The same relative path from src/messages/codec and from dist/messages/codec. */
const SCHEMA_FOLDER = new URL('../../../schemas/avro/', import.meta.url)

/** Reads all schema versions from schemas/avro; ids.json there fixes their ids for ever. To be called once, at start. */
export function readSchemas(folder: URL = SCHEMA_FOLDER): SchemaVersion[] {
  const entries = JSON.parse(readFileSync(new URL('ids.json', folder), 'utf8')) as IdEntry[]
  return entries.map(({ id, role, version, file }) => {
    const schema = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { name: string }
    return { id, role, version, name: schema.name, text: JSON.stringify(schema) }
  })
}

/** The version that new values of a role are written with. */
export function newestSchema(schemas: readonly SchemaVersion[], role: ValueRole): SchemaVersion {
  const [newest] = schemas.filter((schema) => schema.role === role).sort((a, b) => b.version - a.version)
  if (!newest) throw new Error(`schemas/avro/ids.json has no schema for the role ${role}`)
  return newest
}
