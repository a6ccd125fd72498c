import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { packageFile } from '../package-file.ts'

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

/** The dashboard's files by their URL path. The page is plain files, which no build changes. */
export async function loadPageFiles({ kindRows }: PageFilesOptions): Promise<Map<string, PageFile>> {
  const directory = packageFile('src', 'dashboard', 'page')
  const pages = new Map<string, PageFile>()
  for (const name of await readdir(directory, { recursive: true })) {
    const contentType = CONTENT_TYPES[extname(name)]
    if (contentType === undefined) continue
    pages.set(name === 'index.html' ? '/' : `/${name}`, pageFile(contentType, await readFile(join(directory, name))))
  }
  if (!pages.has('/')) throw new Error(`the dashboard's index.html is missing in ${directory}: install the whole package again`)
  const rows = Buffer.from(`export const ROWS = ${JSON.stringify(kindRows)}\n`)
  return pages.set('/data/kind-rows.js', pageFile('text/javascript; charset=utf-8', rows))
}

function pageFile(contentType: string, body: Uint8Array): PageFile {
  return { contentType, body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` }
}
