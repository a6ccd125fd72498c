import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import {
  type Admin,
  type Cluster,
  type Consumer,
  type ConsumerConfig,
  type ISocketFactory,
  Kafka,
  logLevel,
  type SASLOptions,
} from 'kafkajs'
import type { Logger } from 'pino'
import { withDeadline } from '../../lifecycle/time.ts'
import { createBootstrapOrder, hostOf } from './bootstrap-order.ts'
import { type ClientSockets, createClientSockets } from './client-sockets.ts'
import { createLogOfKafkajs } from './kafkajs-log.ts'
import { patchBrokerPool } from './patches/broker-pool-patch.ts'
import { patchConnection } from './patches/connection-patch.ts'
import { patchGroupMember } from './patches/group-member-patch.ts'
import { patchRequestQueue } from './patches/request-queue-patch.ts'
import { createTlsFiles, type TlsFiles } from './tls-files.ts'

export interface KafkaOptions {
  readonly clientId: string
  /** Bootstrap addresses, `host:port`. */
  readonly brokers: readonly string[]
  /** TLS when given, even as `{}`. */
  readonly ssl?: TlsFiles | undefined
  readonly sasl?: KafkaSasl | undefined
}

export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

/** Creates clients for one Kafka cluster. It holds no connection itself: each client has its own. */
export interface KafkaConnection {
  readonly brokers: readonly string[]
  /** A member of a consumer group, not yet connected. */
  consumer(config: ConsumerConfig): Consumer
  /** kafkajs's view of the cluster, for our own requests, not yet connected. Its `disconnect` is final. */
  cluster(): Cluster
  /** Runs the action with a connected admin client and closes it again. */
  withAdmin<T>(action: (admin: Admin) => Promise<T>, deadlineMs?: number): Promise<T>
}

/** A broker that takes longer is frozen: another one may lead by then. */
const REQUEST_TIMEOUT_MS = 3000
const CONNECT_TIMEOUT_MS = 2000
const ADMIN_DEADLINE_MS = 15_000
const CLOSE_DEADLINE_MS = 2000
const KEEP_ALIVE_MS = 60_000

/** Our own loops retry, and tell the operator; kafkajs only bridges short interruptions. */
const BRIEF_RETRY = { retries: 1, initialRetryTime: 50, maxRetryTime: 200, factor: 0.2, multiplier: 2 }
const ADMIN_RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 1000, factor: 0.2, multiplier: 2 }

export function createKafka(options: KafkaOptions, { log }: { log: Logger }): KafkaConnection {
  patchConnection()
  patchRequestQueue()
  patchBrokerPool()
  patchGroupMember()
  const connect = createSocketFactory(options, log)
  const bootstrap = createBootstrapOrder(options.brokers)
  const client = (retry: typeof BRIEF_RETRY, socketFactory: ISocketFactory) =>
    new Kafka({
      clientId: options.clientId,
      brokers: () => bootstrap.next(),
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      retry,
      socketFactory,
      ...(options.ssl ? { ssl: true } : {}),
      ...(options.sasl ? { sasl: { ...options.sasl } as SASLOptions } : {}),
      logLevel: logLevel.INFO,
      logCreator: createLogOfKafkajs(log),
    })
  return {
    brokers: options.brokers,
    consumer: (config) => client(BRIEF_RETRY, connect).consumer(config),
    cluster() {
      const sockets = createClientSockets(connect)
      return endingWith(sockets, clusterOf(client(BRIEF_RETRY, sockets.open)))
    },
    withAdmin(action, deadlineMs = ADMIN_DEADLINE_MS) {
      const sockets = createClientSockets(connect)
      return runWithAdmin(endingWith(sockets, client(ADMIN_RETRY, sockets.open).admin()), action, deadlineMs)
    },
  }
}

/** Makes `disconnect` final. */
function endingWith<T extends { disconnect(): Promise<void> }>(sockets: ClientSockets, client: T): T {
  const disconnect = client.disconnect.bind(client)
  client.disconnect = async () => {
    sockets.refuse()
    await disconnect().finally(() => sockets.end())
  }
  return client
}

/** kafkajs passes its cluster to partition assigners when a consumer is created; that consumer is never connected. */
function clusterOf(kafka: Kafka): Cluster {
  let cluster: Cluster | undefined
  const assigner = { name: 'none', version: 0, protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }), assign: async () => [] }
  kafka.consumer({
    groupId: 'never-joined',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      (context) => {
        cluster = context.cluster
        return assigner
      },
    ],
  })
  if (!cluster) throw new Error('kafkajs did not hand out its cluster: this build was made for kafkajs 2.2.4')
  return cluster
}

async function runWithAdmin<T>(admin: Admin, action: (admin: Admin) => Promise<T>, deadlineMs: number): Promise<T> {
  const run = async () => {
    await admin.connect()
    return action(admin)
  }
  try {
    return await withDeadline(run(), deadlineMs, 'a request to Kafka')
  } finally {
    await withDeadline(admin.disconnect(), CLOSE_DEADLINE_MS, 'closing an admin connection').catch(() => {})
  }
}

function createSocketFactory(options: KafkaOptions, log: Logger): ISocketFactory {
  const material = options.ssl ? createTlsFiles(options.ssl, { log }) : undefined
  return ({ host: name, port, onConnect }) => {
    const host = hostOf(name)
    const socket: Socket = material
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...material() }, onConnect)
      : connectTcp({ host, port }, onConnect)
    socket.setNoDelay(true) // many small requests: Nagle's algorithm would delay them
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    return socket
  }
}
