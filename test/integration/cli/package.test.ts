import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { onEnd } from '../../support/on-end.ts'

const WITHIN = { timeoutMs: 120_000 }

/** What `npm pack` puts into the package, unpacked, with the dependencies of this checkout. */
async function unpacked(): Promise<{ folder: string; files: string[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'gossip-bridge-package-'))
  onEnd(() => rm(directory, { recursive: true, force: true }))
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', directory, projectFile('.')]
  const { code, stdout, stderr } = await runCommand('npm', args, WITHIN)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  const [{ filename, files }] = JSON.parse(stdout)
  expect(await runCommand('tar', ['-xzf', join(directory, filename), '-C', directory], WITHIN)).toMatchObject({ code: 0 })
  const folder = join(directory, 'package')
  await symlink(projectFile('node_modules'), join(folder, 'node_modules'))
  return { folder, files: files.map(({ path }: { path: string }) => path) }
}

test('the package has what it needs to run, and nothing of tests or settings', async () => {
  const { folder, files } = await unpacked()
  const tops = new Set(
    files.map((file) =>
      file
        .split('/')
        .slice(0, file.startsWith('src/') ? 3 : 1)
        .join('/'),
    ),
  )
  expect([...tops].sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json', 'schemas', 'src/dashboard/page'])
  expect(files.filter((file) => /(^|\/)(test|\.env|\.npmrc)|\.test\.|\.(pem|key)$/.test(file))).toEqual([])

  const run = (...args: string[]) => runCommand(process.execPath, args, { ...WITHIN, cwd: folder, env: { ROLES: 'relay' } })
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  expect(await run('dist/main.js', '--version')).toMatchObject({ code: 0, stdout: expect.stringContaining(version) })
  expect(await run('dist/main.js', 'config', 'check')).toMatchObject({ code: 0, stdout: expect.stringContaining('The settings are fine') })
  // Types and program of the client are found under the package's own name.
  const use = "import('gossip-bridge/client').then((client) => console.log(typeof client.GossipBridgeClient))"
  expect(await run('--input-type=module', '-e', use)).toMatchObject({ code: 0, stdout: 'function\n' })
  expect(files).toContain('dist/client/client.d.ts')
})
