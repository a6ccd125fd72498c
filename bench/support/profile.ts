import { pathToFileURL } from 'node:url'
import { projectFile } from '../../deploy/local/local-files.ts'

/** The environment of a bridge that is to be profiled: see bench/profile.mjs. Empty unless `BENCH_PROFILE` is set. */
export function profileEnvironment(): Record<string, string> {
  const folder = process.env.BENCH_PROFILE
  return folder ? { BENCH_PROFILE: folder, NODE_OPTIONS: `--import=${profiler()}` } : {}
}

/** The same for our own programs, which have our environment. */
export function profileArguments(): string[] {
  return process.env.BENCH_PROFILE ? ['--import', profiler()] : []
}

function profiler(): string {
  return pathToFileURL(projectFile('bench', 'profile.mjs')).href
}
