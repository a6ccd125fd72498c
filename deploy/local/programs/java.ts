import { installPackages } from './apt.ts'
import { runCommand } from './command.ts'

/** The Java that runs Kafka. */
export interface Java {
  /** The whole output of `java -version`: a class-data archive is only valid for exactly this version. */
  version: string
}

const OLDEST = 17

/** Finds Java 17 or newer, and Maven where it is needed. Installs a missing one with apt-get where possible, and says so. */
export async function ensureJava(options: { needsMaven: boolean }, deps: { say: (line: string) => void }): Promise<Java> {
  const found = await findJava()
  const hasMaven = !options.needsMaven || (await isThere('mvn'))
  if (found && hasMaven) return found
  const what = [...(found ? [] : [`Java ${OLDEST} or newer`]), ...(hasMaven ? [] : ['Maven'])].join(' and ')
  const packages = [...(found ? [] : ['openjdk-17-jre-headless|openjdk-21-jre-headless']), ...(hasMaven ? [] : ['maven'])]
  await installPackages({ what, why: 'the local Kafka', packages }, deps)
  const installed = await findJava()
  if (!installed) {
    throw new Error(`apt-get installed Java, but \`java -version\` is not ${OLDEST} or newer: look at JAVA_HOME and PATH`)
  }
  return installed
}

/** Whether everything that `ensureJava` ensures exists already. */
export async function hasJava(options: { needsMaven: boolean }): Promise<boolean> {
  return (await findJava()) !== undefined && (!options.needsMaven || (await isThere('mvn')))
}

async function findJava(): Promise<Java | undefined> {
  const result = await runCommand('java', ['-version'], { timeoutMs: 60_000 })
  const version = result.stderr.trim()
  return result.code === 0 && majorVersion(version) >= OLDEST ? { version } : undefined
}

async function isThere(command: string): Promise<boolean> {
  return (await runCommand('/bin/sh', ['-c', `command -v ${command}`], { timeoutMs: 5000 })).code === 0
}

/** The major version in the output of `java -version`; 0 when it has none. `1.8.0` counts as 8. */
export function majorVersion(text: string): number {
  const match = /version "(?:1\.)?(\d+)/.exec(text)
  return Number(match?.[1] ?? 0)
}
