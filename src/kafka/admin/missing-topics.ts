import type { KafkaConnection } from '../client/connection.ts'

/** Which of the topics are not there, or not to be seen by this user. Empty when that cannot be found out. */
export async function missingTopics(kafka: KafkaConnection, wanted: readonly string[]): Promise<string[]> {
  try {
    const existing = new Set(await kafka.withAdmin((admin) => admin.listTopics()))
    return wanted.filter((topic) => !existing.has(topic))
  } catch {
    return []
  }
}
