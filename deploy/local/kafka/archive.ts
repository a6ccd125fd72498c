import { rename, rm } from 'node:fs/promises'
import { makeOnce } from '../programs/cache.ts'
import { archivePath, type KafkaDistribution } from './distribution.ts'
import { runCluster } from './kafka.ts'

/**
 * Makes Java's class-data archive of Kafka once per machine and Java version; it halves every later start (2.9 s to 1.4 s).
 * A broker is started for that, and its orderly stop writes the archive.
 */
export async function ensureArchive(distribution: KafkaDistribution, say: (line: string) => void): Promise<string> {
  const archive = archivePath(distribution)
  await makeOnce(archive, () => makeArchive(archive, distribution.classPath, say), { deadlineMs: 120_000 })
  return archive
}

async function makeArchive(archive: string, classPath: string, say: (line: string) => void): Promise<void> {
  say("making an archive of Kafka's classes for quick starts (10 s, once)")
  const incoming = `${archive}.${process.pid}`
  const kafka = await runCluster({}, { classPath, jvmFlags: [`-XX:ArchiveClassesAtExit=${incoming}`] })
  try {
    await Promise.all(kafka.nodes.map((node) => node.stop()))
    await rename(incoming, archive)
  } finally {
    await kafka.stop()
    await rm(incoming, { force: true })
  }
}
