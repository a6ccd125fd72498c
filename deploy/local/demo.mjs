#!/usr/bin/env node
// `npm run demo`: installs and builds what is missing, then runs the demo. Plain JavaScript without dependencies, because it
// runs on a fresh clone, before anything is installed or built.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const isJson = process.argv.includes('--json')
const OLDEST_NODE = [20, 19]

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])
  if (isOld)
    fail(`this is Node ${process.versions.node}, but the demo needs Node ${OLDEST_NODE.join('.')} or newer: install it and try again`)
}

/** Compares npm's record of the last install with the lockfile: versions, not times, because a clone does not keep times. */
function isInstalled() {
  const installed = readJson('node_modules/.package-lock.json')?.packages
  const wanted = readJson('package-lock.json')?.packages
  if (!installed || !wanted) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.link) return true
    const there = installed[path]
    if (there) return there.version === entry.version && existsSync(join(root, path))
    return entry.optional === true || entry.devOptional === true || entry.peer === true
  })
}

function isBuilt() {
  const built = ['dist/main.js', 'dist/local/demo.js'].map((file) => join(root, file))
  if (!built.every(existsSync)) return false
  const since = Math.min(...built.map((file) => statSync(file).mtimeMs))
  const sources = ['src', 'deploy/local'].flatMap((folder) => {
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name))
  })
  return [...sources, join(root, 'tsconfig.json'), join(root, 'package-lock.json')].every((file) => statSync(file).mtimeMs <= since)
}

function step(title, command, args) {
  const startedAt = performance.now()
  if (!isJson) console.log(`  ${title} ...`)
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (status !== 0) fail(`"${[command, ...args].join(' ')}" failed:\n${error?.message ?? ''}${stdout}${stderr}`)
  const ms = Math.round(performance.now() - startedAt)
  console.log(isJson ? JSON.stringify({ event: 'step', step: title, ms }) : `  ${title}: done in ${(ms / 1000).toFixed(1)} s`)
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8'))
  } catch {
    return undefined
  }
}

function fail(sentence) {
  console.error(`demo: ${sentence}`)
  process.exit(1)
}

if (process.argv.includes('--help')) {
  console.log(readFileSync(join(root, 'deploy/local/demo/usage.txt'), 'utf8').trimEnd())
  process.exit(0)
}
checkNode()
// npm's own path when npm runs us: the same npm, under whatever name this system has for it.
const npm = process.env.npm_execpath ? [process.execPath, [process.env.npm_execpath]] : ['npm', []]
if (!isInstalled()) step('install the packages', npm[0], [...npm[1], 'ci', '--include=dev'])
if (!isBuilt()) step('build', process.execPath, [join(root, 'deploy/local/build.mjs')])
const { demo } = await import(new URL('../../dist/local/demo.js', import.meta.url).href)
process.exit(await demo(process.argv.slice(2)))
