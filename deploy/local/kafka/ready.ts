import { setTimeout as pause } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'

/** Asks the broker at this address once for the ids of all brokers that it knows; rejects when it does not answer. */
export async function clusterMembers(address: string): Promise<number[]> {
  const kafka = new Kafka({
    clientId: 'local-stack',
    brokers: [address],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    requestTimeout: 2000,
    retry: { retries: 0 },
  })
  const admin = kafka.admin()
  try {
    await admin.connect()
    const { brokers } = await admin.describeCluster()
    return brokers.map((broker) => broker.nodeId)
  } finally {
    await admin.disconnect()
  }
}

/** Polls until the broker at this address knows all these brokers. `hasEnded` ends the wait when the process has died. */
export async function awaitMembers(
  address: string,
  ids: number[],
  options: { deadlineMs: number; hasEnded: () => boolean },
): Promise<void> {
  const until = Date.now() + options.deadlineMs
  let last = 'it never answered'
  while (Date.now() < until) {
    if (options.hasEnded()) throw new Error('the process ended by itself')
    try {
      const members = await clusterMembers(address)
      if (ids.every((id) => members.includes(id))) return
      last = `it knows brokers ${members.join(', ')} and not all of ${ids.join(', ')}`
    } catch (error) {
      last = (error as Error).message
    }
    await pause(50)
  }
  throw new Error(`not ready after ${options.deadlineMs / 1000} s (${last})`)
}
