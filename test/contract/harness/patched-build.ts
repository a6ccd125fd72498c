import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'

/** A change of one module: a text that occurs exactly once, and its replacement; or a replacement of the whole module. */
export type Patch = {
  /** Below `src`, for example `events/writing/announcement-writer.ts`. */
  readonly file: string
} & ({ readonly replace: string; readonly by: string } | { readonly module: string })

/** Files of a build that are not compiled. */
export interface PatchedFiles {
  /** Contents of files below `schemas`, instead of ours or in addition. */
  readonly schemas?: Readonly<Record<string, string>>
}

/** A separate build of the bridge. */
export interface PatchedBuild {
  /** The program to run instead of `dist/main.js`. */
  readonly program: string
  remove(): Promise<void>
}

const BUILD_DEADLINE_MS = 60_000

/**
 * Copies the sources, removes a protection from the copy, and builds it, so that a control needs no switch in the product. A patch that
 * no longer fits is an error, because the control would test nothing.
 */
export async function createPatchedBuild(patches: readonly Patch[], { schemas = {} }: PatchedFiles = {}): Promise<PatchedBuild> {
  const folder = await mkdtemp(join(tmpdir(), 'gossip-bridge-build-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    for (const name of ['node_modules', 'package.json']) await symlink(projectFile(name), join(folder, name))
    for (const name of ['src', 'schemas']) await cp(projectFile(name), join(folder, name), { recursive: true })
    for (const [file, text] of Object.entries(schemas)) await writeFile(join(folder, 'schemas', file), text)
    for (const patch of patches) await apply(patch, join(folder, 'src', patch.file))
    await build(folder)
    return { program: join(folder, 'dist', 'main.js'), remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function apply(patch: Patch, path: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  if ('module' in patch) return writeFile(path, await readFile(projectFile('test/contract/controls', patch.module), 'utf8'))
  const times = text.split(patch.replace).length - 1
  if (times !== 1) throw new Error(`the patch of ${patch.file} fits ${times} times and not once: the module has changed, so mend the patch`)
  await writeFile(
    path,
    text.replace(patch.replace, () => patch.by),
  )
}

async function build(folder: string): Promise<void> {
  const args = [projectFile('deploy/local/build.mjs'), folder]
  const { code, stdout, stderr } = await runCommand(process.execPath, args, { cwd: folder, timeoutMs: BUILD_DEADLINE_MS })
  if (code !== 0) throw new Error(`the patched build failed:\n${stdout}${stderr}`)
}
