import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'

const BUILD_DEADLINE_MS = 180_000

/** The end-to-end tests run the built program. A build older than its sources is built again, so that no test runs an old program. */
export async function setup(): Promise<void> {
  if (newest(['src', 'deploy/local', 'tsconfig.json', 'package-lock.json']) <= oldest(['dist/main.js', 'dist/local/demo.js'])) return
  const startedAt = performance.now()
  const { code, stdout, stderr } = await runCommand(process.execPath, [projectFile('deploy/local/build.mjs')], {
    cwd: projectFile(),
    timeoutMs: BUILD_DEADLINE_MS,
  })
  if (code !== 0) throw new Error(`dist is older than its sources and could not be built again:\n${stdout}${stderr}`)
  console.log(`test build: dist was older than its sources and was built again in ${Math.round(performance.now() - startedAt)} ms`)
}

function newest(paths: string[]): number {
  const files = paths.flatMap((path) => {
    const whole = projectFile(path)
    return statSync(whole).isFile()
      ? [whole]
      : readdirSync(whole, { recursive: true, withFileTypes: true }).map((e) => join(e.parentPath, e.name))
  })
  return Math.max(...files.map((file) => statSync(file).mtimeMs))
}

function oldest(files: string[]): number {
  return Math.min(...files.map((file) => statSync(projectFile(file), { throwIfNoEntry: false })?.mtimeMs ?? 0))
}
