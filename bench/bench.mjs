#!/usr/bin/env node
// `npm run bench`: compiles the benches and runs them. Plain JavaScript, because Node 20 does not run TypeScript. Their parts of
// the bridge's own code (codecs, libp2p settings) are compiled with them; the bridges themselves are `dist/main.js`.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

function fail(sentence) {
  console.error(`bench: ${sentence}`)
  process.exit(1)
}

if (process.platform !== 'linux') fail('CPU and memory are read from /proc, so the benches run on Linux only')
if (!existsSync(join(root, 'dist/main.js'))) fail('there is no dist/main.js: run "npm run build" first')
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [tsc, '-p', 'bench'], { cwd: root, stdio: 'inherit' })
if (status !== 0) fail('the compiler found faults in bench')
const { main } = await import(new URL('../dist/bench/bench/main.js', import.meta.url).href)
process.exit(await main(process.argv.slice(2)))
