import { rename, rm } from 'node:fs/promises'
import { exists, makeOnce } from '../programs/cache.ts'
import { archivePath, type KafkaDistribution } from './distribution.ts'

/** Starts a cluster with these flags; the result has what the archive needs. */
export type StartCluster = (jvm: { classPath: string; jvmFlags: string[] }) => Promise<{
  readonly nodes: readonly { stop(): Promise<void> }[]
  stop(): Promise<void>
}>

/**
 * Creates Java's class-data archive of Kafka once per machine and Java version; it halves every later start (2.9 s to 1.4 s). For
 * that it starts a broker, whose orderly stop writes the archive. Undefined when Java did not write it in time, on a busy machine: then
 * this start does without, and the next one tries again.
 */
export async function ensureArchive(
  distribution: KafkaDistribution,
  { start, say }: { start: StartCluster; say: (line: string) => void },
): Promise<string | undefined> {
  const archive = archivePath(distribution)
  const make = () => {
    say("making an archive of Kafka's classes for quick starts (10 s, once)")
    return makeArchive(archive, distribution.classPath, start)
  }
  await makeOnce(archive, make, { deadlineMs: 120_000 })
  if (await exists(archive)) return archive
  say('Java did not write the archive in time; the brokers start without it')
  return undefined
}

async function makeArchive(archive: string, classPath: string, start: StartCluster): Promise<void> {
  const incoming = `${archive}.${process.pid}`
  const kafka = await start({ classPath, jvmFlags: [`-XX:ArchiveClassesAtExit=${incoming}`] })
  try {
    await Promise.all(kafka.nodes.map((node) => node.stop()))
    if (await exists(incoming)) await rename(incoming, archive)
  } finally {
    await kafka.stop()
    await rm(incoming, { force: true })
  }
}
