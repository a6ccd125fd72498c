import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { cacheDirectory, exists, makeOnce } from '../programs/cache.ts'
import { runCommand } from '../programs/command.ts'
import { ensureJava, hasJava } from '../programs/java.ts'
import { projectFile } from '../programs/local-files.ts'

/** Apache Kafka's jars in the cache, ready to run. */
export interface KafkaDistribution {
  /** Such as `4.1.2`. */
  version: string
  /** The cache folder of this version, with `libs/` and the class-data archives created so far. */
  directory: string
  /** All jars by name in a fixed order: a class-data archive is only valid for the identical class path. */
  classPath: string
  /** The output of `java -version`. */
  javaVersion: string
}

const VERSIONS = 'deploy/local/kafka/versions'
const DOWNLOAD_DEADLINE_MS = 300_000

/**
 * Ensures that Kafka can run: Java exists, and the jars that `pom.xml` pins are in the cache, fetched by Maven once per machine and checked against the lock file of
 * the version. `KAFKA_VERSION` names another version than that of `pom.xml`. Installs what is missing where possible.
 */
export async function ensureKafka(say: (line: string) => void): Promise<KafkaDistribution> {
  const { version, lock, directory, libs } = await locate()
  const java = await ensureJava({ needsMaven: !(await exists(libs)) }, { say })
  await makeOnce(libs, () => download(libs, version, lock, say), { deadlineMs: DOWNLOAD_DEADLINE_MS + 30_000 })
  return { version, directory, classPath: [...lock.keys()].map((jar) => join(libs, jar)).join(':'), javaVersion: java.version }
}

/** Whether `ensureKafka` has nothing to install or fetch. */
export async function isKafkaThere(): Promise<boolean> {
  return hasJava({ needsMaven: !(await exists((await locate()).libs)) })
}

async function locate(): Promise<{ version: string; lock: Map<string, string>; directory: string; libs: string }> {
  const pom = await readFile(projectFile('deploy/local/kafka/pom.xml'), 'utf8')
  const version = process.env.KAFKA_VERSION || /<kafka>([^<]+)<\/kafka>/.exec(pom)?.[1] || 'unknown'
  const lock = parseLock(await readLock(version))
  const hash = createHash('sha256').update(pom).digest('hex').slice(0, 12)
  const directory = join(cacheDirectory(), `kafka-${version}-${hash}`)
  return { version, lock, directory, libs: join(directory, 'libs') }
}

async function readLock(version: string): Promise<string> {
  const known = (await readdir(projectFile(VERSIONS))).map((file) => file.replace(/\.lock$/, '')).sort()
  if (!known.includes(version)) {
    throw new Error(
      `KAFKA_VERSION=${version}: the local stack has ${known.join(', ')}; CONTRIBUTING.md says how to add a version to ${VERSIONS}/`,
    )
  }
  return readFile(projectFile(`${VERSIONS}/${version}.lock`), 'utf8')
}

async function download(libs: string, version: string, lock: Map<string, string>, say: (line: string) => void): Promise<void> {
  say(`fetching Apache Kafka ${version} with Maven (${lock.size} jars, once)`)
  const incoming = `${libs}.${process.pid}`
  await mkdir(incoming, { recursive: true })
  try {
    const result = await runCommand(
      'mvn',
      [
        '-q',
        '-B',
        '-f',
        projectFile('deploy/local/kafka/pom.xml'),
        `-Dkafka=${version}`,
        'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${incoming}`,
      ],
      { timeoutMs: DOWNLOAD_DEADLINE_MS },
    )
    if (result.code !== 0) {
      throw new Error(
        `Maven could not fetch Apache Kafka's jars; check its access to a Maven repository and run again\n${result.stdout.slice(-2000)}${result.stderr.slice(-500)}`,
      )
    }
    await verify(incoming, version, lock)
    await rename(incoming, libs)
  } finally {
    await rm(incoming, { recursive: true, force: true })
  }
}

async function verify(folder: string, version: string, lock: Map<string, string>): Promise<void> {
  const got = await readdir(folder)
  const strange = got.filter((jar) => !lock.has(jar))
  const missing = [...lock.keys()].filter((jar) => !got.includes(jar))
  const changed: string[] = []
  for (const [jar, sha256] of lock) if (!missing.includes(jar) && (await sha256Of(join(folder, jar))) !== sha256) changed.push(jar)
  if (strange.length + missing.length + changed.length === 0) return
  throw new Error(
    `the jars that Maven fetched are not those of ${VERSIONS}/${version}.lock (missing: ${missing.join(', ') || 'none'}; ` +
      `not listed: ${strange.join(', ') || 'none'}; other content: ${changed.join(', ') || 'none'}). ` +
      'Where pom.xml was changed on purpose, write the new list as CONTRIBUTING.md says; otherwise distrust the repository they came from',
  )
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

function parseLock(text: string): Map<string, string> {
  const jars = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [sha256, jar] = line.trim().split(/\s+/)
    if (sha256 && jar) jars.set(jar, sha256)
  }
  return jars
}

/** The path of the class-data archive for this Java version: an archive of another version is useless. */
export function archivePath(distribution: KafkaDistribution): string {
  return join(distribution.directory, `classes-${createHash('sha256').update(distribution.javaVersion).digest('hex').slice(0, 12)}.jsa`)
}
