/** A line `key = value` of a settings file of Teranode. */
export interface ConfEntry {
  /** With its context, such as `p2p_port.docker.m`. */
  readonly key: string
  /** As written, before names in it are replaced. */
  readonly text: string
  /** `settings.conf:12`. */
  readonly place: string
}

export interface ConfFile {
  readonly path: string
  readonly text: string
}

/**
 * The entries of the files, by key: of a repeated key the last counts, so that `settings_local.conf` overrides `settings.conf`. The form
 * is that of github.com/ordishs/gocore: everything behind a `#` is a comment, also within quotes; a line without `=` is none; one pair of
 * double quotes around a value is taken away.
 */
export function readConfFiles(files: readonly ConfFile[]): Map<string, ConfEntry> {
  const entries = new Map<string, ConfEntry>()
  for (const { path, text } of files) {
    for (const [at, line] of text.split('\n').entries()) {
      const entry = readLine(line, `${path}:${at + 1}`)
      if (entry) entries.set(entry.key, entry)
    }
  }
  return entries
}

function readLine(line: string, place: string): ConfEntry | undefined {
  const [content = ''] = line.split('#')
  const at = content.indexOf('=')
  const key = content.slice(0, at).trim()
  if (at < 0 || key === '') return undefined
  const value = content.slice(at + 1).trim()
  const isQuoted = value.length > 2 && value.startsWith('"') && value.endsWith('"')
  return { key, text: isQuoted ? value.slice(1, -1) : value, place }
}
