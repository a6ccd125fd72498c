import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { cacheDirectory, makeOnce } from '../../deploy/local/programs/cache.ts'
import { runCommand } from '../../deploy/local/programs/command.ts'
import { projectFile } from '../../deploy/local/programs/local-files.ts'
import { findTool, fingerprint } from '../../deploy/local/programs/toolchain.ts'
import { go } from './build/build-peers.ts'

const BUILD_DEADLINE_MS = 900_000
const tool = findTool(go)
if (tool === undefined && process.env.CI)
  throw new Error('go is missing, so the manifests cannot be read as a cluster reads them: install it')

/** The program of programs/kubernetes, built once for its sources. */
async function manifestReader(goTool: string): Promise<string> {
  const sources = projectFile('test/peers/programs/kubernetes')
  const folder = join(cacheDirectory(), 'peers', `kubernetes-${fingerprint([sources])}`)
  await makeOnce(folder, () => build(goTool, sources, folder), { deadlineMs: BUILD_DEADLINE_MS })
  return join(folder, 'reader')
}

async function build(goTool: string, sources: string, folder: string): Promise<void> {
  const work = `${folder}.partial`
  await rm(work, { recursive: true, force: true })
  await mkdir(dirname(work), { recursive: true })
  await cp(sources, work, { recursive: true })
  const { code, stderr } = await runCommand(goTool, ['build', '-o', 'reader', '.'], { cwd: work, timeoutMs: BUILD_DEADLINE_MS })
  if (code !== 0) throw new Error(`the reader of manifests could not be built:\n${stderr.slice(-3000)}`)
  await rename(work, folder)
}

/** What became of each object of a kustomization. */
async function read(goTool: string, folder: string): Promise<{ code: number | null; lines: string[]; stderr: string }> {
  const { code, stdout, stderr } = await runCommand(await manifestReader(goTool), [folder], { timeoutMs: 60_000 })
  return { code, lines: stdout.split('\n').filter(Boolean), stderr }
}

test.runIf(tool)(
  'kustomize builds the manifests, and every object has only fields that Kubernetes has',
  async () => {
    const base = await read(tool ?? '', projectFile('deploy/kubernetes/base'))
    expect(base).toMatchObject({ code: 0, stderr: '' })
    expect(base.lines.length).toBeGreaterThan(10)
    expect(base.lines.filter((line) => !line.startsWith('decoded: '))).toEqual([])
    const strimzi = await read(tool ?? '', projectFile('deploy/kubernetes/strimzi'))
    expect(strimzi).toMatchObject({ code: 0, stderr: '' })
    expect(strimzi.lines.filter((line) => !line.startsWith('unknown: kafka.strimzi.io/v1 Kafka'))).toEqual([])
  },
  BUILD_DEADLINE_MS,
)
