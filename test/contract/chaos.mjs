#!/usr/bin/env node
// `npm run chaos`: compiles the fault tests' harness and runs a random schedule of faults. Plain JavaScript, because Node 20
// runs no TypeScript. The bridges themselves are `dist/main.js`.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

function fail(sentence) {
  console.error(`chaos: ${sentence}`)
  process.exit(1)
}

if (!existsSync(join(root, 'dist/main.js'))) fail('there is no dist/main.js: run "npm run build" first')
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [tsc, '-p', 'test/contract'], { cwd: root, stdio: 'inherit' })
if (status !== 0) fail('the compiler found faults in test/contract')
const { main } = await import(new URL('../../dist/contract/test/contract/chaos/main.js', import.meta.url).href)
process.exit(await main(process.argv.slice(2)))
