import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { packageFile } from '../package-file.ts'

export interface PageFile {
  readonly contentType: string
  readonly body: Uint8Array
  readonly etag: string
  /** Pages of other sites may load it too. */
  readonly isForAll?: boolean
}

const CSS = 'text/css; charset=utf-8'
const JAVASCRIPT = 'text/javascript; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': CSS,
  '.js': JAVASCRIPT,
  '.svg': 'image/svg+xml',
}

export interface PageFilesOptions {
  /** The page's rows for the kinds of announcements: they become the module `data/kind-rows.js`. */
  readonly kindRows: readonly object[]
  /** Template of an explorer's pages, with `{hash}` and perhaps `{kind}`; empty for none. It goes into the module `data/page-settings.js`. */
  readonly explorerUrl: string
  /** JSON documents by their URL path. */
  readonly documents?: Readonly<Record<string, object>>
}

/**
 * The dashboard's files by their URL path, and the client of the package for all pages. The page is plain files, which no build changes, and the
 * library that draws its charts.
 */
export async function loadPageFiles({ kindRows, explorerUrl, documents = {} }: PageFilesOptions): Promise<Map<string, PageFile>> {
  const directory = packageFile('src', 'dashboard', 'page')
  const pages = new Map<string, PageFile>()
  for (const name of await readdir(directory, { recursive: true })) {
    const contentType = CONTENT_TYPES[extname(name)]
    if (contentType === undefined) continue
    pages.set(name === 'index.html' ? '/' : `/${name}`, pageFile(contentType, await readFile(join(directory, name))))
  }
  if (!pages.has('/')) throw new Error(`the dashboard's index.html is missing in ${directory}: install the whole package again`)
  pages.set('/data/kind-rows.js', moduleFile(`export const ROWS = ${JSON.stringify(kindRows)}\n`))
  pages.set('/data/page-settings.js', moduleFile(`export const EXPLORER_URL = ${JSON.stringify(explorerUrl)}\n`))
  const library = dirname(createRequire(packageFile('package.json')).resolve('uplot'))
  pages.set('/library/uplot.css', pageFile(CSS, await readFile(join(library, 'uPlot.min.css'))))
  // The smallest of its builds is a script for pages, which assigns a variable: here it becomes a module.
  pages.set('/library/uplot.js', moduleFile(`${await readFile(join(library, 'uPlot.iife.min.js'), 'utf8')}\nexport default uPlot\n`))
  const client = packageFile('dist', 'client', 'client.js')
  // Only a program that runs from src, before any build, has none.
  if (existsSync(client)) pages.set('/client.js', { ...pageFile(JAVASCRIPT, await readFile(client)), isForAll: true })
  for (const [path, document] of Object.entries(documents)) pages.set(path, pageFile(JSON_TYPE, Buffer.from(JSON.stringify(document))))
  return pages
}

function moduleFile(text: string): PageFile {
  return pageFile(JAVASCRIPT, Buffer.from(text))
}

function pageFile(contentType: string, body: Uint8Array): PageFile {
  return { contentType, body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` }
}
