#!/usr/bin/env node
// `node bench/compare.mjs OTHER [NAME...]`: measures another checkout (built, with its node_modules) and this one in turns, twice each,
// and prints the medians side by side. A ratio above 1 means that this checkout is better, whatever the unit. The benches of this
// checkout measure both builds, apart from those that run no bridge: they come from each checkout.
import { spawnSync } from 'node:child_process'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const TURNS = 2
const WITHOUT_BRIDGE = new Set(['decode', 'events-to-blocks'])
const here = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const [other, ...names] = process.argv.slice(2)
if (other === undefined) {
  console.error('usage: node bench/compare.mjs OTHER_CHECKOUT [NAME...]')
  process.exit(2)
}

/** The figures of one run: the last line that a bench prints is JSON. */
function run(checkout, name) {
  const home = WITHOUT_BRIDGE.has(name) ? checkout : here
  const few = name === 'start' ? {} : { BENCH_RUNS: '1' } // the first start of a build is slower than the next ones
  const { stdout } = spawnSync(process.execPath, [resolve(home, 'bench/bench.mjs'), name], {
    cwd: home,
    env: { ...few, BENCH_PROGRAM: resolve(checkout, 'dist/main.js'), ...process.env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const json = stdout.trim().split('\n').at(-1)
  return json?.startsWith('{') ? JSON.parse(json).figures : []
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
const middle = (values) => (values.length % 2 === 0 ? mean(values) : median(values))
const isRate = (unit) => unit.endsWith('/s')
const text = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2))

const benches =
  names.length > 0
    ? names
    : [
        'kafka-to-gossip',
        'gossip-to-log',
        'gossip-to-blocks',
        'events-to-blocks',
        'three-instances',
        'log-to-browsers',
        'decode',
        'start',
        'idle',
      ]
console.log('| bench | figure | other | this | share |\n|---|---|---|---|---|')
for (const name of benches) {
  const found = new Map()
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [side, checkout] of [
      ['other', resolve(other)],
      ['here', here],
    ]) {
      for (const figure of run(checkout, name)) {
        const entry = found.get(figure.what) ?? { unit: figure.unit, other: [], here: [], ratio: { other: [], here: [] } }
        entry[side].push(figure.measured)
        if (figure.ratio !== undefined && figure.ratio !== null) entry.ratio[side].push(figure.ratio)
        found.set(figure.what, entry)
      }
    }
  }
  for (const [what, entry] of found) {
    if (entry.other.length === 0) continue
    const [before, after] = [middle(entry.other), middle(entry.here)]
    const share = before === 0 && after === 0 ? 1 : isRate(entry.unit) ? after / before : before / after
    console.log(`| ${name} | ${what} | ${text(before)} ${entry.unit} | ${text(after)} ${entry.unit} | ${share.toFixed(2)} |`)
  }
}
