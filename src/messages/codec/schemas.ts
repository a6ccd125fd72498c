import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { packageFile } from '../../package-file.ts'
import { VALUE_ROLES, type ValueRole } from '../topics.ts'

/** One version of the schema of a role, under the id that precedes each value written with it. */
export interface SchemaVersion {
  readonly id: number
  readonly role: ValueRole
  readonly version: number
  /** True for the version that new values are written with. The role's other versions can be read. */
  readonly isWritten: boolean
  /** Name of the record without its namespace. */
  readonly name: string
  /** The schema as one line of JSON. */
  readonly text: string
}

/** A line of ids.json. */
interface IdEntry {
  readonly id: number
  readonly role: ValueRole
  readonly version: number
  readonly file: string
  readonly write?: true
}

const SCHEMA_FOLDER = pathToFileURL(packageFile('schemas', 'avro', '/'))

/**
 * Reads all schema versions from schemas/avro. ids.json fixes their ids for ever, and marks with `write` the version of each role for
 * new values: instances of two releases run side by side during an upgrade, so a release that reads a new version comes before the
 * one that writes it. Call it once, at start. Throws an Error that says what is wrong with ids.json.
 */
export function readSchemas(folder: URL = SCHEMA_FOLDER): SchemaVersion[] {
  const entries = JSON.parse(readFileSync(new URL('ids.json', folder), 'utf8')) as IdEntry[]
  const faults = [...repeatedIds(entries), ...VALUE_ROLES.flatMap((role) => roleFaults(role, entries))]
  if (faults.length > 0) throw new Error(`schemas/avro/ids.json is wrong: ${faults.join('; ')}`)
  return entries.map(({ id, role, version, file, write = false }) => {
    const schema = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { name: string }
    return { id, role, version, isWritten: write, name: schema.name, text: JSON.stringify(schema) }
  })
}

/** The version as which values of a role are read, and the version for new values: the written one, or a later one from `atLeast` on. */
export function schemasOf(
  schemas: readonly SchemaVersion[],
  role: ValueRole,
  { atLeast = 1 }: { atLeast?: number } = {},
): { newest: SchemaVersion; written: SchemaVersion } {
  const [newest, ...older] = schemas.filter((schema) => schema.role === role).sort((a, b) => b.version - a.version)
  const marked = newest && [newest, ...older].find(({ isWritten }) => isWritten)
  const written = marked && marked.version < atLeast ? [newest, ...older].find(({ version }) => version === atLeast) : marked
  if (!newest || !written) throw new Error(`no schema of the role ${role} is written; see schemas/avro/ids.json`)
  return { newest, written }
}

function repeatedIds(entries: readonly IdEntry[]): string[] {
  const ids = entries.map(({ id }) => id)
  return ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `id ${id} stands there twice`)
}

/** Versions count from 1 without a hole, and exactly one is written. */
function roleFaults(role: ValueRole, entries: readonly IdEntry[]): string[] {
  const ofRole = entries.filter((entry) => entry.role === role)
  const written = ofRole.filter(({ write }) => write)
  const hole = ofRole.find(({ version }, at) => version !== at + 1)
  return [
    ...(written.length === 1 ? [] : [`exactly one version of ${role} needs "write": true, but ${written.length} have it`]),
    ...(hole ? [`the versions of ${role} have to be 1, 2, 3 and so on in this order, but id ${hole.id} has version ${hole.version}`] : []),
  ]
}
