import { Server, ServerCredentials, type ServerUnaryCall, type ServerWritableStream, type sendUnaryData } from '@grpc/grpc-js'
import { load, type ServiceDefinition } from '@grpc/proto-loader'
import { blockHash } from '../../../src/messages/rules/block-header.ts'
import { onEnd } from '../on-end.ts'

const FILE = new URL('../../../schemas/proto/blockchain_api.proto', import.meta.url).pathname
const NOT_FOUND = 5

type Subscriber = ServerWritableStream<{ source: string }, { type: number; hash: Buffer }>

/** The blockchain service of a node on the loopback: as Teranode does, it names the tip to each new subscriber. */
export async function startBlockchainServer() {
  const all = await load(FILE, { keepCase: true, longs: String, defaults: true })
  const server = new Server()
  const subscribers = new Set<Subscriber>()
  const blocks: Buffer[] = []
  const answerOf = (height: number) => {
    const blockHeader = blocks[height]
    return blockHeader && { blockHeader, height, tx_count: '3', size_in_bytes: '500', miner: '/test/' }
  }
  const internal = (hash: string) => Buffer.from(hash, 'hex').reverse()
  const hashAt = (height: number) => blockHash(blocks[height] ?? Buffer.alloc(0))
  const mine = (): string => {
    const header = Buffer.alloc(80)
    if (blocks.length > 0) internal(hashAt(blocks.length - 1)).copy(header, 4)
    header.writeUInt32LE(blocks.length, 76)
    blocks.push(header)
    const hash = blockHash(header)
    for (const subscriber of subscribers) subscriber.write({ type: 2, hash: internal(hash) })
    return hash
  }
  server.addService(all['blockchain_api.BlockchainAPI'] as ServiceDefinition, {
    Subscribe: (call: Subscriber) => {
      subscribers.add(call)
      call.on('cancelled', () => {
        subscribers.delete(call)
        call.end()
      })
      call.write({ type: 2, hash: internal(hashAt(blocks.length - 1)) })
    },
    GetBestBlockHeader: (_call: unknown, done: sendUnaryData<object>) => done(null, answerOf(blocks.length - 1) ?? {}),
    GetBlockHeader: ({ request }: ServerUnaryCall<{ blockHash: Buffer }, object>, done: sendUnaryData<object>) => {
      const height = blocks.findIndex((header) => blockHash(header) === Buffer.from(request.blockHash).reverse().toString('hex'))
      const answer = answerOf(height)
      if (answer) done(null, answer)
      else done({ code: NOT_FOUND, details: 'no such block' })
    },
    GetFSMCurrentState: (_call: unknown, done: sendUnaryData<object>) => done(null, { state: 1 }),
  })
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
  )
  onEnd(() => server.forceShutdown())
  const first = mine()
  return {
    address: `127.0.0.1:${port}`,
    first,
    mine,
    subtree(hash: string): void {
      for (const subscriber of subscribers) subscriber.write({ type: 1, hash: internal(hash) })
    },
    subscribers: () => subscribers.size,
    /** Ends every subscription. */
    hangUp(): void {
      for (const subscriber of subscribers) subscriber.end()
      subscribers.clear()
    },
  }
}
