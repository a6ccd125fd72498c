import type { KafkaConnection } from '../client/connection.ts'

/** The topics that do not exist, or that this user may not see. Empty when the brokers cannot be asked. */
export async function missingTopics(kafka: KafkaConnection, wanted: readonly string[]): Promise<string[]> {
  try {
    const existing = new Set(await kafka.withAdmin((admin) => admin.listTopics()))
    return wanted.filter((topic) => !existing.has(topic))
  } catch {
    return []
  }
}
