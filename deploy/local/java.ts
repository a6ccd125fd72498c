import { installPackages } from './apt.ts'
import { runCommand } from './command.ts'

/** The Java that runs Kafka. */
export interface Java {
  /** What `java -version` says, whole: a class-data archive is only good for exactly this. */
  version: string
}

const OLDEST = 17

/** Finds Java 17 or newer and Maven; where they are missing and can be installed with apt-get, says so and installs them. */
export async function ensureJava(say: (line: string) => void): Promise<Java> {
  const found = await findJava()
  const hasMaven = await isThere('mvn')
  if (found && hasMaven) return found
  const missing = [...(found ? [] : [`Java ${OLDEST} or newer`]), ...(hasMaven ? [] : ['Maven'])].join(' and ')
  await installPackages({ what: missing, why: 'the local Kafka', packages: ['openjdk-17-jre-headless', 'maven'] }, { say })
  const installed = await findJava()
  if (!installed)
    throw new Error(
      `apt-get installed openjdk-17-jre-headless, but \`java -version\` does not answer with ${OLDEST} or newer; look at JAVA_HOME and PATH`,
    )
  return installed
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
