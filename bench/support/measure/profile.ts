import { pathToFileURL } from 'node:url'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'

/**
 * The environment of a bridge to be profiled. `BENCH_PROFILE` names a folder for CPU profiles: see profile.mjs beside this file.
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

function profiler(): string {
  return pathToFileURL(projectFile('bench', 'support', 'measure', 'profile.mjs')).href
}
