import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDirectory, makeOnce } from '../../../deploy/local/programs/cache.ts'
import { runCommand } from '../../../deploy/local/programs/command.ts'

/** A Kafka client of another ecosystem, with its Avro serializers. */
const PACKAGE = 'confluent-kafka[avro]==2.16.0'
const INSTALL_DEADLINE_MS = 180_000

/** The Python with the foreign client. It is installed once, outside the work tree, like the jars of the local Kafka. */
export async function foreignPython(): Promise<string> {
  const folder = join(cacheDirectory(), PACKAGE.replace(/\W+/g, '-'))
  await makeOnce(folder, () => install(folder), { deadlineMs: 2 * INSTALL_DEADLINE_MS })
  return join(folder, 'bin', 'python')
}

async function install(folder: string): Promise<void> {
  const draft = `${folder}.draft`
  await rm(draft, { recursive: true, force: true })
  await step('python3', ['-m', 'venv', draft], 'create a Python environment: apt-get install python3-venv (Python 3.9 or newer)')
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PACKAGE]
  await step(join(draft, 'bin', 'python'), pip, `install ${PACKAGE} with pip: is the package index reachable?`)
  await rename(draft, folder) // the interpreter finds its packages relative to itself, so it may move
}

async function step(command: string, args: string[], fix: string): Promise<void> {
  const { code, stderr } = await runCommand(command, args, { timeoutMs: INSTALL_DEADLINE_MS })
  if (code !== 0) throw new Error(`This test needs a foreign Avro client. It could not ${fix}\n${stderr.slice(-1000)}`)
}
