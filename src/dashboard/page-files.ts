import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname } from 'node:path'

export interface PageFile {
  readonly contentType: string
  readonly body: Uint8Array
  readonly etag: string
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export interface PageFilesOptions {
  /** The page's rows for the kinds of announcements: they become the module `data/kind-rows.js`. */
  readonly kindRows: readonly object[]
}

/** The dashboard's files by their URL path. They are in `page/` beside this module, in src and in dist. */
export async function loadPageFiles({ kindRows }: PageFilesOptions): Promise<Map<string, PageFile>> {
  const directory = new URL('./page/', import.meta.url)
  const pages = new Map<string, PageFile>()
  for (const name of await readdir(directory, { recursive: true })) {
    const contentType = CONTENT_TYPES[extname(name)]
    if (contentType === undefined) continue
    pages.set(name === 'index.html' ? '/' : `/${name}`, pageFile(contentType, await readFile(new URL(name, directory))))
  }
  if (!pages.has('/')) throw new Error(`the dashboard's index.html is missing in ${directory.pathname}; build again with npm run build`)
  const rows = Buffer.from(`export const ROWS = ${JSON.stringify(kindRows)}\n`)
  return pages.set('/data/kind-rows.js', pageFile('text/javascript; charset=utf-8', rows))
}

function pageFile(contentType: string, body: Uint8Array): PageFile {
  return { contentType, body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` }
}
