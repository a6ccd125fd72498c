// `npm run build`: compiles src to dist and deploy/local to dist/local, and copies the dashboard's page. Plain JavaScript,
// because it runs before anything is built. It replaces an earlier build file by file, so a bridge that runs from dist keeps
// running; files without a source are removed.
import { spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const dist = join(root, 'dist')
const page = join(root, 'src/dashboard/page')
const startedAt = performance.now()

/** Runs the compiler. The result has the files that it wrote, and its messages when it failed. */
function compile(project) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const child = spawn(process.execPath, [tsc, '-p', project, '--listEmittedFiles'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  return new Promise((done) => {
    child.on('close', (code) => {
      const lines = output.split('\n')
      const faults = lines.filter((line) => line !== '' && !line.startsWith('TSFILE: ')).join('\n')
      const written = lines.filter((line) => line.startsWith('TSFILE: ')).map((line) => line.slice('TSFILE: '.length))
      done({ project, code, faults, written })
    })
  })
}

const results = await Promise.all([compile('.'), compile('deploy/local')])
const failed = results.filter((result) => result.code !== 0)
for (const { project, faults } of failed) console.error(`build: the compiler found faults in ${project}\n${faults}`)

const current = new Set(results.flatMap((result) => result.written))
if (existsSync(page)) {
  for (const entry of readdirSync(page, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) current.add(join(dist, 'dashboard/page', relative(page, join(entry.parentPath, entry.name))))
  }
  cpSync(page, join(dist, 'dashboard/page'), { recursive: true })
}
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name)
  if (entry.isFile() && !current.has(file)) rmSync(file)
}

const main = join(dist, 'main.js')
if (existsSync(main)) {
  const text = readFileSync(main, 'utf8')
  if (!text.startsWith('#!')) writeFileSync(main, `#!/usr/bin/env node\n${text}`)
  chmodSync(main, 0o755)
}

if (failed.length > 0) process.exit(1)
console.log(
  `build: ${current.size} files in ${relative(process.cwd(), dist) || '.'} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
)
