// `npm run test:nodes`: the unit tests and one end-to-end test on the other supported Node versions, each from npm's
// package `node`. Plain JavaScript, because it only starts programs. `npm run test:nodes -- 24` runs one version.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const VERSIONS = ['22.23.3', '24.21.0', '26.10.0']
const END_TO_END = 'test/e2e/startup.test.ts'
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const VITEST = join(root, 'node_modules/vitest/vitest.mjs')

const wanted = process.argv.slice(2)
const versions =
  wanted.length === 0 ? VERSIONS : VERSIONS.filter((version) => wanted.some((want) => version.startsWith(want.replace(/^v/, ''))))
if (versions.length === 0) fail(`no such Node here: ${wanted.join(', ')}; there are ${VERSIONS.join(', ')}`)
if (!existsSync(join(root, END_TO_END))) fail(`${END_TO_END} is gone: name another end-to-end test in deploy/local/test-nodes.mjs`)

run(process.execPath, [join(root, 'deploy/local/build.mjs')], {})
for (const version of versions) {
  const node = fetchNode(version)
  const roles = rolesThatRun(node, version)
  console.log(`\ntest:nodes: Node ${version}, unit tests`)
  run(node, [VITEST, 'run', '--project', 'unit'], {})
  console.log(`\ntest:nodes: Node ${version}, ${END_TO_END}`)
  run(node, [VITEST, 'run', '--project', 'e2e', END_TO_END], roles)
}
console.log(`\ntest:nodes: all passed on Node ${versions.join(', ')}`)

/** Lets npm put this Node into its cache, and returns the path of the program. */
function fetchNode(version) {
  const args = ['exec', '--yes', `--package=node@${version}`, '--', 'node', '-p', 'process.execPath']
  const result = spawnSync('npm', args, { cwd: root, encoding: 'utf8', timeout: 300_000, stdio: ['ignore', 'pipe', 'pipe'] })
  const path = result.stdout?.trim().split('\n').at(-1) ?? ''
  if (result.status !== 0 || !existsSync(path)) fail(`npm could not bring Node ${version}: ${result.stderr || result.error?.message}`)
  return path
}

/**
 * The npm build of uWebSockets.js needs glibc 2.38 for Node 22 and newer, which Debian 12 does not have, and has no binary for Node 26.
 * There the bridge runs without browsers, so the tests run without the role edge, and the output says so.
 */
function rolesThatRun(node, version) {
  const probe = spawnSync(node, ['-e', "require('uWebSockets.js')"], { cwd: root, encoding: 'utf8', timeout: 30_000 })
  if (probe.status === 0) return {}
  const glibc = /version `(GLIBC_[\d.]+)' not found/.exec(probe.stderr)?.[1]
  const isMissing = /Cannot find module '[^']*\.node'/.test(probe.stderr)
  if (!glibc && !isMissing) fail(`uWebSockets.js does not load on Node ${version}:\n${probe.stderr}`)
  const reason = glibc ? `this system's glibc is older than ${glibc}, which uWebSockets.js needs` : 'uWebSockets.js has no binary'
  console.log(`test:nodes: on Node ${version} ${reason}: testing without the role edge`)
  return { TEST_ROLES: 'relay,admin' }
}

function run(node, args, env) {
  // First on the PATH, so that a test that starts `node` gets this version too.
  const PATH = `${dirname(node)}:${process.env.PATH}`
  const result = spawnSync(node, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH, ...env }, timeout: 900_000 })
  if (result.status !== 0) fail(`failed on ${node}`)
}

function fail(message) {
  console.error(`test:nodes: ${message}`)
  process.exit(1)
}
