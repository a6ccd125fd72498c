import { installPackages } from './apt.ts'
import { runCommand } from './command.ts'

/** The Java that runs Kafka. */
export interface Java {
  /** What `java -version` says, whole: a class-data archive is only good for exactly this. */
  version: string
}

const OLDEST = 17

/** Finds Java 17 or newer, and Maven where it is needed; what is missing is installed with apt-get where that can be done, and said. */
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

/** Whether what `ensureJava` makes sure of is there already. */
export async function hasJava(options: { needsMaven: boolean }): Promise<boolean> {
  return (await findJava()) !== undefined && (!options.needsMaven || (await isThere('mvn')))
}

async function findJava(): Promise<Java | undefined> {
  const result = await runCommand('java', ['-version'], { timeoutMs: 20_000 })
  const version = result.stderr.trim()
  return result.code === 0 && majorVersion(version) >= OLDEST ? { version } : undefined
}

async function isThere(command: string): Promise<boolean> {
  return (await runCommand('/bin/sh', ['-c', `command -v ${command}`], { timeoutMs: 5000 })).code === 0
}

/** The major version in what `java -version` prints; 0 when there is none. `1.8.0` counts as 8. */
export function majorVersion(text: string): number {
  const match = /version "(?:1\.)?(\d+)/.exec(text)
  return Number(match?.[1] ?? 0)
}
