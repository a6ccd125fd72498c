#!/usr/bin/env node
// `node bench/profile/parts.mjs FOLDER [LOAD] [--functions N]`: where the time of a message goes, from the profiles that a run with
// `BENCH_PROFILE=FOLDER` has left there. One table for each load (`warm-up`, `500`, `burst`), in microseconds of CPU time a message: a row for
// each part, a column for each process. `--functions N` lists the N costliest functions of each process instead.
//
// A sample belongs to the part of its innermost frame that rules.mjs knows: time in a helper counts for its caller. The profiler
// measures elapsed time, also while the process waits for a core; so shares come from the profile, and their sum from the CPU time of
// the thread. "other threads" are the collector's and the compiler's, with the profiler's own.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readProfile } from './read-profile.mjs'
import { partOf } from './rules.mjs'

const words = process.argv.slice(2)
const at = words.indexOf('--functions')
const functions = at < 0 ? 0 : Number(words.splice(at, 2)[1] ?? 40)
const [folder, only] = words
if (folder === undefined) {
  console.error('usage: node bench/profile/parts.mjs FOLDER [LOAD] [--functions N]')
  process.exit(2)
}

/** @param {string} file */
const linesOf = (file) => readFileSync(file, 'utf8').trim().split('\n')
const loads = linesOf(join(folder, 'loads.jsonl')).map((line) => JSON.parse(line))

/** Microseconds a message by name, scaled to the CPU time of the thread. */
function costs(load, nameOf) {
  const file = readdirSync(folder).find((name) => name.endsWith(`-${load.pid}.cpuprofile`))
  const profile = readProfile(join(folder, file))
  const sums = new Map()
  let whole = 0
  for (const { frames, microseconds } of profile.samples(load.from, load.to)) {
    const name = nameOf(frames)
    if (name === '(idle)') continue
    sums.set(name, (sums.get(name) ?? 0) + microseconds)
    whole += microseconds
  }
  const scale = (load.mainThreadMs * 1000) / whole / load.messages
  for (const [name, sum] of sums) sums.set(name, sum * scale)
  if (functions === 0) sums.set('other threads', ((load.allThreadsMs - load.mainThreadMs) * 1000) / load.messages)
  return sums
}

const row = (cells) => `| ${cells.join(' | ')} |`
const text = (value) => (value === undefined ? '' : value.toFixed(1))

function printParts(name, columns) {
  console.log(`\n${row([name, ...columns.map(({ load }) => `${load.role}, us a message`)])}`)
  console.log(row(['---', ...columns.map(() => '---:')]))
  const total = (part) => columns.reduce((sum, { found }) => sum + (found.get(part) ?? 0), 0)
  const parts = [...new Set(columns.flatMap(({ found }) => [...found.keys()]))].sort((a, b) => total(b) - total(a))
  for (const part of parts) console.log(row([part, ...columns.map(({ found }) => text(found.get(part)))]))
  console.log(row(['**all**', ...columns.map(({ found }) => text([...found.values()].reduce((sum, value) => sum + value, 0)))]))
}

function printFunctions(name, { load, found }) {
  console.log(`\n${name}, ${load.role}, us a message:`)
  for (const [what, value] of [...found].sort((a, b) => b[1] - a[1]).slice(0, functions)) console.log(`${text(value).padStart(7)}  ${what}`)
}

const nameOf =
  functions === 0 ? partOf : ([{ file, line, name }]) => (file === '' ? name : `${name === '' ? 'anonymous' : name}  ${file}:${line}`)
for (const name of new Set(loads.map((load) => load.name))) {
  if (only !== undefined && name !== only) continue
  const columns = loads.filter((load) => load.name === name).map((load) => ({ load, found: costs(load, nameOf) }))
  if (functions === 0) printParts(name, columns)
  else for (const column of columns) printFunctions(name, column)
}
