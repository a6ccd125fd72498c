import { expect, test } from 'vitest'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { BUILD_DEADLINE_MS, findGo, goProgram } from '../build/build-go-program.ts'

const tool = findGo('the manifests cannot be read as a cluster reads them')

/** What became of each object of a kustomization. */
async function read(goTool: string, folder: string): Promise<{ code: number | null; lines: string[]; stderr: string }> {
  const { code, stdout, stderr } = await runCommand(await goProgram(goTool, 'kubernetes'), [folder], { timeoutMs: 60_000 })
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
