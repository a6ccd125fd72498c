import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { LOG4J_PROPERTIES } from '../../../deploy/local/kafka/broker-config.ts'
import { cacheDirectory, exists, makeOnce } from '../../../deploy/local/programs/cache.ts'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { ensureJava } from '../../../deploy/local/programs/java.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { fingerprint } from '../../../deploy/local/programs/toolchain.ts'
import { onEnd } from '../../support/on-end.ts'
import { kafkaBrokers } from '../../support/stack/shared-stack.ts'

const FETCH_DEADLINE_MS = 300_000
const MAIN = 'org.apache.kafka.connect.mirror.MirrorMaker'
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/** The folder of its jars, fetched once. */
async function mirrorJars(): Promise<string> {
  const pom = projectFile('test/peers/programs/mirror')
  const folder = join(cacheDirectory(), 'peers', `mirror-${fingerprint([pom])}`)
  await ensureJava({ needsMaven: !(await exists(folder)) }, { say: console.log })
  await makeOnce(folder, () => fetchJars(join(pom, 'pom.xml'), folder), { deadlineMs: FETCH_DEADLINE_MS })
  return folder
}

async function fetchJars(pom: string, folder: string): Promise<void> {
  const incoming = `${folder}.partial`
  await rm(incoming, { recursive: true, force: true })
  await mkdir(dirname(folder), { recursive: true })
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies'
  const args = ['-q', '-B', '-f', pom, goal, '-DincludeScope=runtime', `-DoutputDirectory=${incoming}`]
  const { code, stdout, stderr } = await runCommand('mvn', args, { timeoutMs: FETCH_DEADLINE_MS })
  if (code !== 0) throw new Error(`Maven could not fetch MirrorMaker:\n${`${stdout}${stderr}`.slice(-3000)}`)
  await rename(incoming, folder)
}

/**
 * Mirrors one topic of the shared cluster into itself, under the name that MirrorMaker gives it: `source.<topic>`. Its configuration is
 * that of an operator who sets nothing beyond the clusters and the topic, but that settings of topics are copied every two seconds.
 */
export async function startMirrorMaker(topic: string): Promise<{ log(): string }> {
  const jars = await mirrorJars()
  const folder = await mkdtemp(join(tmpdir(), 'mirror-maker-'))
  await writeFile(join(folder, 'mm2.properties'), properties(topic))
  await writeFile(join(folder, 'log4j2.properties'), LOG4J_PROPERTIES)
  const logging = `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`
  const child = spawn('java', [...JVM, logging, '-cp', join(jars, '*'), MAIN, join(folder, 'mm2.properties')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => void lines.push(text))
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()))
  onEnd(async () => {
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true })
  })
  return { log: () => lines.join('') }
}

function properties(topic: string): string {
  const brokers = kafkaBrokers().join(',')
  return `clusters = source, target
source.bootstrap.servers = ${brokers}
target.bootstrap.servers = ${brokers}
source->target.enabled = true
source->target.topics = ${topic.replaceAll('.', '[.]')}
source->target.sync.topic.configs.interval.seconds = 2
target->source.enabled = false
tasks.max = 1
replication.factor = 1
offset-syncs.topic.replication.factor = 1
checkpoints.topic.replication.factor = 1
heartbeats.topic.replication.factor = 1
config.storage.replication.factor = 1
offset.storage.replication.factor = 1
status.storage.replication.factor = 1
`
}
