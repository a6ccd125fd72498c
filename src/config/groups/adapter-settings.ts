import { grpcAddress } from '../kinds/address-kinds.ts'
import { choice, shaped, text } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

/** `gossip-bridge adapt teranode`: what a node says of its chain, into the in-topic of notifications. */
export const adapterSettings = {
  title: 'Adapter for a Teranode',
  settings: {
    adapter_source: setting(choice('blockchain', 'blocks-final'), {
      description:
        'Where `gossip-bridge adapt teranode` hears of blocks: `blockchain` is the node’s blockchain service (gRPC), which has subtrees and what it mines on too; `blocks-final` is the Kafka topic of stored blocks.',
      default: 'blockchain',
    }),
    blockchain_grpcAddress: setting(grpcAddress(), {
      description: 'Address of the node’s blockchain service.',
      default: 'localhost:8087',
      example: 'blockchain:8087',
    }),
    blockchain_grpc_ca_file: setting(text(), {
      description: 'PEM file of the certificate authority of the blockchain service. Empty: it is reached without TLS.',
      default: '',
      example: '/etc/gossip-bridge/node-ca.pem',
    }),
    kafka_topic_blocks_final: setting(
      shaped('a topic name of letters, digits, dots, dashes and underscores, at most 200', /^[A-Za-z0-9._-]{1,200}$/),
      {
        description: 'Whole name of the topic in which the node writes the blocks that it has stored.',
        default: 'blocks-final',
        example: 'blocks-final-teranode1',
      },
    ),
  },
}
