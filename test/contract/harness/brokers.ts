import { setTimeout as pause } from 'node:timers/promises'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import type { LocalBroker } from '../../../deploy/local/kafka/broker.ts'
import type { LocalKafka } from '../../../deploy/local/kafka/kafka.ts'
import { runKafkaTool } from '../../../deploy/local/kafka/tool.ts'

export type Role = 'leader' | 'coordinator' | 'controller'

/** Facts about the cluster that a fault needs, from the brokers themselves. */
export interface Brokers {
  readonly all: readonly LocalBroker[]
  /** The broker that leads the event log, coordinates the groups, or is the active controller. */
  inRole(role: Role): Promise<LocalBroker>
  /** Resolves when all replicas of every partition are in sync, as before the fault. */
  untilInSync(): Promise<void>
  makeTopics(topics: readonly { name: string; partitions: number; config: Readonly<Record<string, string>> }[]): Promise<void>
  deleteTopic(name: string): Promise<void>
  /** Moves the event log's leader to the next broker, with Kafka's own tool. */
  moveLogLeader(): Promise<void>
  /** One broker controls, another leads the event log, the third coordinates, so that breaking one of them breaks only its role. */
  separateRoles(): Promise<void>
  /** The controller also leads the event log and coordinates. */
  uniteRoles(): Promise<void>
  /** Resolves when the group commits again: its offset in a topic that always grows has moved. */
  untilCommits(groupId: string, topic: string): Promise<void>
  /** The number of records in a topic. */
  count(topic: string): Promise<number>
}

const IN_SYNC_DEADLINE_MS = 150_000
const MOVE_DEADLINE_MS = 30_000
const COMMIT_DEADLINE_MS = 30_000
const OFFSETS_TOPIC = '__consumer_offsets'

export function createBrokers({ kafka, logTopic }: { kafka: LocalKafka; logTopic: string }): Brokers {
  const client = new Kafka({ clientId: 'contract-brokers', brokers: kafka.brokers, logLevel: logLevel.NOTHING, retry: { retries: 8 } })

  async function withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = client.admin()
    await admin.connect()
    try {
      return await work(admin)
    } finally {
      await admin.disconnect()
    }
  }

  const partitions = (topics?: string[]) =>
    withAdmin(async (admin) =>
      (await admin.fetchTopicMetadata(topics ? { topics } : undefined)).topics.flatMap((topic) => topic.partitions),
    )

  async function leaderOf(topic: string): Promise<number | undefined> {
    const [first] = await partitions([topic])
    return first?.leader
  }

  async function controller(): Promise<number | undefined> {
    const args = ['--bootstrap-server', kafka.brokers.join(','), 'describe', '--status']
    const { stdout, stderr } = await runKafkaTool('metadata-quorum', args)
    const id = /^LeaderId:\s+(\d+)$/m.exec(stdout)?.[1]
    if (id === undefined) throw new Error(`the metadata quorum did not say who leads it: ${stdout}${stderr}`)
    return Number(id)
  }

  /** Moves the leader to the first wanted replica; resolves when that replica leads. */
  async function moveLeader(topic: string, isWanted: (id: number) => boolean): Promise<void> {
    const [{ replicas } = { replicas: [] }] = await partitions([topic])
    const to = replicas.find(isWanted)
    if (to === undefined) throw new Error(`no replica of ${topic} can take over: ${replicas.join(', ')}`)
    await withAdmin((admin) =>
      admin.alterPartitionReassignments({
        topics: [{ topic, partitionAssignment: [{ partition: 0, replicas: [to, ...replicas.filter((id) => id !== to)] }] }],
      }),
    )
    const args = ['--bootstrap-server', kafka.brokers.join(','), '--election-type', 'PREFERRED', '--topic', topic, '--partition', '0']
    const { code, stdout, stderr } = await runKafkaTool('leader-election', args)
    if (code !== 0) throw new Error(`the leader of ${topic} could not be moved: ${stdout}${stderr}`)
    const until = performance.now() + MOVE_DEADLINE_MS
    while ((await leaderOf(topic)) !== to) {
      if (performance.now() > until) throw new Error(`broker ${to} does not lead ${topic} after ${MOVE_DEADLINE_MS / 1000} s`)
      await pause(100)
    }
  }

  return {
    all: kafka.nodes,
    async inRole(role) {
      const id = await (role === 'controller' ? controller() : leaderOf(role === 'leader' ? logTopic : OFFSETS_TOPIC))
      const broker = kafka.nodes.find((node) => node.id === id)
      if (!broker) throw new Error(`no broker has the role ${role} now (${id})`)
      return broker
    },
    async untilInSync() {
      const until = performance.now() + IN_SYNC_DEADLINE_MS
      for (;;) {
        const all = await partitions().catch(() => [])
        if (all.length > 0 && all.every(({ isr, replicas, leader }) => leader >= 0 && isr.length === replicas.length)) return
        if (performance.now() > until) throw new Error(`the brokers were not in sync again within ${IN_SYNC_DEADLINE_MS / 1000} s`)
        await pause(200)
      }
    },
    makeTopics: (topics) =>
      withAdmin(async (admin) => {
        await admin.createTopics({
          waitForLeaders: false, // it gives up when a broker does not know the topic yet
          topics: topics.map(({ name, partitions, config }) => ({
            topic: name,
            numPartitions: partitions,
            replicationFactor: kafka.nodes.length,
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          })),
        })
      }),
    deleteTopic: (name) => withAdmin((admin) => admin.deleteTopics({ topics: [name] })),
    async moveLogLeader() {
      const leader = await leaderOf(logTopic)
      await moveLeader(logTopic, (id) => id !== leader)
    },
    async separateRoles() {
      const controls = await controller()
      const coordinates = await leaderOf(OFFSETS_TOPIC)
      if (coordinates === controls) await moveLeader(OFFSETS_TOPIC, (id) => id !== controls)
      const others = [controls, await leaderOf(OFFSETS_TOPIC)]
      if (others.includes(await leaderOf(logTopic))) await moveLeader(logTopic, (id) => !others.includes(id))
    },
    async uniteRoles() {
      const controls = await controller()
      for (const topic of [logTopic, OFFSETS_TOPIC]) {
        if ((await leaderOf(topic)) !== controls) await moveLeader(topic, (id) => id === controls)
      }
    },
    async untilCommits(groupId, topic) {
      const until = performance.now() + COMMIT_DEADLINE_MS
      const committed = () =>
        withAdmin(async (admin) => {
          const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
          return (found?.partitions ?? []).reduce((sum, { offset }) => sum + Number(offset), 0)
        }).catch(() => undefined)
      let before = await committed()
      for (;;) {
        const now = await committed()
        if (now !== undefined && before !== undefined && now > before) return
        before ??= now
        if (performance.now() > until) throw new Error(`${groupId} committed nothing of ${topic} for ${COMMIT_DEADLINE_MS / 1000} s`)
        await pause(100)
      }
    },
    count: (topic) =>
      withAdmin(async (admin) => {
        const offsets = await admin.fetchTopicOffsets(topic)
        return offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0)
      }),
  }
}
