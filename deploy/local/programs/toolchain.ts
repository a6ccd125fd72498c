import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A compiler or interpreter that this machine may have. */
export interface Tool {
  readonly tool: string
  /** Where installers put the tool without changing the PATH. */
  readonly usualFolder: string
}

export const GO: Tool = { tool: 'go', usualFolder: '/usr/local/go/bin' }

/** The path of a tool, if it is on this machine. */
export function findTool({ tool, usualFolder }: Tool): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), usualFolder]
  return folders.map((folder) => join(folder, tool)).find((path) => existsSync(path))
}

/** Of all files in the folders: distinguishes the programs that are built from them. */
export function fingerprint(folders: readonly string[]): string {
  const hash = createHash('sha256')
  const entries = folders.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
  const files = entries.filter((entry) => entry.isFile())
  for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) hash.update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 16)
}
