import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectFile } from '../../deploy/local/programs/local-files.ts'

/**
 * The environment of a bridge to be profiled. `BENCH_PROFILE` names a folder for CPU profiles: see profiler.mjs beside this file.
 * `BENCH_NODE_OPTIONS` are options of Node for the bridges alone, for example `--heapsnapshot-signal=SIGHUP`.
 */
export function profileEnvironment(): Record<string, string> {
  const folder = process.env.BENCH_PROFILE
  const options = [process.env.BENCH_NODE_OPTIONS ?? '', folder ? `--import=${profiler()}` : ''].filter((text) => text !== '')
  return { ...(folder && { BENCH_PROFILE: folder }), ...(options.length > 0 && { NODE_OPTIONS: options.join(' ') }) }
}

/** The same for our own programs, which have our environment. */
export function profileArguments(): string[] {
  return process.env.BENCH_PROFILE ? ['--import', profiler()] : []
}

/** A part of a run: the profiles are cut to it. */
export interface ProfiledLoad {
  readonly name: string
  readonly pid: number
  /** What the process is in the table. */
  readonly role: string
  readonly messages: number
  /** Milliseconds of `sharedNow`, which is the clock of the profiles too. */
  readonly from: number
  readonly to: number
  /** CPU time of the thread that runs JavaScript, and of all threads, in milliseconds. */
  readonly mainThreadMs: number
  readonly allThreadsMs: number
}

/** Notes a load for parts.mjs; does nothing without `BENCH_PROFILE`. */
export function noteLoad(load: ProfiledLoad): void {
  const folder = process.env.BENCH_PROFILE
  if (folder) appendFileSync(join(folder, 'loads.jsonl'), `${JSON.stringify(load)}\n`)
}

function profiler(): string {
  return pathToFileURL(projectFile('bench', 'profile', 'profiler.mjs')).href
}
