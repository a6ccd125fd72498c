import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { load, type MethodDefinition, type ServiceDefinition } from '@grpc/proto-loader'
import type { BlockchainService, ChainBlock, ChainNotification } from '../adapters/ports.ts'
import type { Clock } from '../lifecycle/clock.ts'
import { packageFile } from '../package-file.ts'

export interface BlockchainClientOptions {
  /** `host:port`. */
  readonly address: string
  /** How this subscriber is called in the node's log. */
  readonly source: string
  /** PEM of the certificate authority; undefined: without TLS. */
  readonly ca?: Buffer | undefined
}

export interface BlockchainClientDeps {
  readonly clock: Pick<Clock, 'wall'>
  /** Double SHA-256 of the header, as people write it. */
  readonly hashOf: (header: Buffer) => string
}

const FILE = packageFile('schemas', 'proto', 'blockchain_api.proto')
const SERVICE = 'blockchain_api.BlockchainAPI'
const DEADLINE_MS = 5000
const KINDS: Readonly<Record<number, ChainNotification['kind']>> = { 1: 'subtree', 2: 'block', 3: 'mining-on', 4: 'state' }
const RUNNING = 1
const HEADER_BYTES = 80
const HASH_BYTES = 32
/** No message of the service that we read comes near it. */
const CHANNEL = { 'grpc.max_receive_message_length': 1024 * 1024, 'grpc.enable_channelz': 0 }

interface HeaderResponse {
  readonly blockHeader: Buffer
  readonly height: number
  readonly tx_count: string
  readonly size_in_bytes: string
  readonly miner: string
}

/** The client of Teranode's blockchain service. Connects at the first call, and again by itself. */
export async function createBlockchainClient(
  { address, source, ca }: BlockchainClientOptions,
  { clock, hashOf }: BlockchainClientDeps,
): Promise<BlockchainService & { close(): void }> {
  const all = await load(FILE, { keepCase: true, longs: String, defaults: true })
  const service = all[SERVICE] as ServiceDefinition
  const client = new Client(address, ca ? credentials.createSsl(ca) : credentials.createInsecure(), CHANNEL)

  const ask = <T>(name: string, request: object): Promise<T> => {
    const { path, requestSerialize, responseDeserialize } = methodOf(service, name)
    const options = { deadline: clock.wall() + DEADLINE_MS }
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, response?: unknown) =>
        error ? reject(new Error(`${name} at ${address}: ${error.message}`, { cause: error })) : resolve(response as T)
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, new Metadata(), options, done)
    })
  }
  const blockOf = ({ blockHeader, height, tx_count, size_in_bytes, miner }: HeaderResponse): ChainBlock => {
    if (blockHeader.length !== HEADER_BYTES) throw new Error(`the node at ${address} gives a header of ${blockHeader.length} bytes`)
    const counts = { txCount: BigInt(tx_count), sizeInBytes: BigInt(size_in_bytes) }
    const previousHash = displayed(blockHeader.subarray(4, 4 + HASH_BYTES))
    return { hash: hashOf(blockHeader), previousHash, height, header: blockHeader.toString('hex'), miner, ...counts }
  }

  return {
    async *notifications(signal) {
      const { path, requestSerialize, responseDeserialize } = methodOf(service, 'Subscribe')
      const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { source }, new Metadata(), {})
      const cancel = () => call.cancel()
      signal.addEventListener('abort', cancel)
      try {
        signal.throwIfAborted()
        for await (const { type, hash } of call as AsyncIterable<{ type: number; hash: Buffer }>) {
          const kind = KINDS[type] ?? 'other'
          yield { kind: hash.length === HASH_BYTES || kind === 'state' ? kind : 'other', hash: displayed(hash) }
        }
      } finally {
        signal.removeEventListener('abort', cancel)
        call.on('error', () => {}) // of its own cancelling
        cancel()
      }
    },
    block: async (hash) => blockOf(await ask('GetBlockHeader', { blockHash: Buffer.from(hash, 'hex').reverse() })),
    bestBlock: async () => blockOf(await ask('GetBestBlockHeader', {})),
    isRunning: async () => (await ask<{ state: number }>('GetFSMCurrentState', {})).state === RUNNING,
    close: () => client.close(),
  }
}

function methodOf(service: ServiceDefinition, name: string): MethodDefinition<object, object> {
  const found = service[name]
  if (!found) throw new Error(`blockchain_api.proto has no ${name}`)
  return found as MethodDefinition<object, object>
}

/** The reverse of the internal order. */
function displayed(hash: Buffer): string {
  return Buffer.from(hash).reverse().toString('hex')
}
