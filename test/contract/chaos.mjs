#!/usr/bin/env node
// `npm run chaos`: builds, compiles the fault tests' harness and runs a random schedule of faults. Plain JavaScript, because Node
// 20 runs no TypeScript. The bridges themselves are `dist/main.js`.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

function fail(sentence) {
  console.error(`chaos: ${sentence}`)
  process.exit(1)
}

function run(...args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] }).status === 0
}

const args = process.argv.slice(2)
const needsNoBuild = ['--help', '--list', '--program'].some((option) => args.includes(option))
if (!needsNoBuild && !run(join(root, 'deploy/local/build.mjs'))) fail('the build failed')
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
if (!run(tsc, '-p', 'test/contract')) fail('the compiler found faults in test/contract')
const { main } = await import(new URL('../../dist/contract/test/contract/chaos/main.js', import.meta.url).href)
process.exit(await main(args))
