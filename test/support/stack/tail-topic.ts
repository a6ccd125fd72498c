import { dirname, join } from 'node:path'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { createFakeHost } from '../bridge/fake-host.ts'

/** A record as `gossip-bridge tail` prints it. */
export interface TailedRecord {
  readonly partition: number
  readonly offset: number
  readonly time: string
  readonly key?: string
  readonly headers: Record<string, string>
  readonly value?: unknown
}

/**
 * All records of a topic now, decoded by `tail` of the build, or of another one (its `main.js`). It runs in this process, because a process
 * of its own would take most of the time of the tests that ask again and again.
 */
export async function tailTopic(
  topic: string,
  environment: Record<string, string>,
  program = projectFile('dist', 'main.js'),
): Promise<TailedRecord[]> {
  const { runProgram }: typeof import('../../../src/cli/program.ts') = await import(join(dirname(program), 'program.js'))
  const host = createFakeHost(environment)
  const code = await runProgram(['tail', topic, '--from', 'earliest', '--until-end'], host)
  if (code !== 0) throw new Error(`\`tail ${topic}\` failed: ${host.err()}`)
  return host
    .out()
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as TailedRecord]))
}
