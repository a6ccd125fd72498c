import { hostPort, ipAddress, peerMultiaddress, port } from '../kinds/address-kinds.ts'
import { encryptionKey, peerId, privateKey, sharedKey } from '../kinds/key-kinds.ts'
import { choice, duration, flag, integer, list, shaped, size } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'
import { gossipTopicSettings } from './gossip-topic-settings.ts'

/** The libp2p host and whom it talks to. */
export const peerSettings = {
  title: 'Peers',
  settings: {
    p2p_listen_addresses: setting(list(ipAddress()), {
      description: 'IP addresses on which the libp2p host listens.',
      default: '0.0.0.0',
      example: '0.0.0.0|::',
    }),
    p2p_port: setting(port(), { description: 'TCP port of the libp2p host.', default: '9905' }),
    p2p_advertise_addresses: setting(list(hostPort()), {
      description: 'Addresses under which others reach this host, instead of those it finds itself. Without a port, `p2p_port` is meant.',
      default: '',
      example: 'node.example.org|203.0.113.7:19905',
    }),
    p2p_static_peers: setting(list(peerMultiaddress()), {
      description: 'Peers to stay connected to.',
      default: '',
      example: '/dns4/peer.example.org/tcp/9905/p2p/12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK',
    }),
    p2p_private_key: setting(privateKey(), {
      description:
        'Ed25519 key of the host as hex: seed and public key, 64 or 96 bytes. Without one, it comes from the pool in `banlist_db`, or each start makes a new one.',
      default: '',
      secret: 'value',
    }),
    p2p_peer_id: setting(peerId(), {
      description: 'The peer id that the private key is expected to make; checked when both are set.',
      default: '',
      example: '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK',
    }),
    identity_encryption_key: setting(encryptionKey(), {
      description:
        'Key of 32 bytes, as hex or base64, with which the private keys of the pool are encrypted. With it, and without `p2p_private_key`, each instance takes a key of the pool in `banlist_db`.',
      default: '',
      secret: 'value',
    }),
    identity_pool_max: setting(integer(0, 10_000), {
      description:
        'A start that finds no free key adds a new one to a pool of fewer than this; else it waits. 0: only what `identities add` has added.',
      default: '16',
    }),
    identity_lease: setting(duration({ min: '15s' }), {
      description:
        'So long is the key of an instance that has vanished kept from others. After half of that without Postgres an instance stops its host and ends.',
      default: '30s',
    }),
    p2p_shared_key: setting(sharedKey(), {
      description:
        'Pre-shared key of a private network, at least 64 hex characters of which the first 64 count. Without one the network is public.',
      default: '',
      secret: 'value',
    }),
    p2p_max_connections: setting(integer(1), { description: 'Most connections to peers at one time.', default: '200' }),
    p2p_bootstrapAddresses: setting(list(peerMultiaddress()), {
      description: 'Peers to begin with; one that cannot be reached is tried again for ever, with growing pauses.',
      default: '',
      example: '/dns4/bootstrap.example.org/tcp/9901/p2p/12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK',
    }),
    p2p_dht_protocol_id: setting(shaped('a protocol id that begins with a slash', /^\/[^\s]{1,100}$/), {
      description: 'Prefix of the protocol of a private DHT.',
      default: '/teranode',
      status: 'later',
    }),
    p2p_dht_use_private: setting(flag(), {
      description: 'Find peers by a DHT of the own network instead of the public one. Needs `p2p_shared_key`.',
      default: 'false',
      status: 'later',
    }),
    p2p_optimise_retries: setting(flag(), {
      description: 'Remember why a peer could not be reached, and try hopeless ones less often.',
      default: 'false',
      status: 'later',
    }),
  },
}

/** What is said over gossip, and how much of it. */
export const gossipSettings = {
  title: 'Gossip',
  settings: {
    gossip_dialect: setting(choice('plain'), {
      description: 'Form of the messages: `plain` is bare JSON on topics `bitcoin/<network>-<suffix>`.',
      default: 'plain',
    }),
    ...gossipTopicSettings,
    p2p_bestblock_topic: setting(shaped('a topic name of letters, digits, dots, dashes and underscores', /^[A-Za-z0-9._-]{1,100}$/), {
      description: 'Suffix of the gossip topic of requests for the best block; empty answers none.',
      default: '',
      example: 'bestblock',
      status: 'later',
    }),
    gossip_outbound_rate: setting(integer(0), {
      description: 'Own messages published per second at most; 0 = no limit. Nodes of the network drop what comes in bursts.',
      default: '200',
    }),
    gossip_inbound_rate: setting(integer(0), {
      description: 'Messages of others looked at per second at most, shared fairly between neighbours; 0 = no limit.',
      default: '2000',
    }),
    outbound_max_age: setting(duration(), {
      description: 'A notification of the own node older than this is not published any more, except for its newest block.',
      default: '10m',
    }),
    min_block_work: setting(
      shaped('a whole number of hashes, decimal or as 0x with hexadecimal digits', /^([1-9]\d{0,77}|0x[0-9a-f]{1,64})$/i),
      {
        description: 'Least work that the header of an announced block must prove, in expected hashes.',
        default: '',
        derived: '2^64 on mainnet, 2 on regtest, else 4295032833',
        example: '0x10000000000000000',
      },
    ),
    allow_private_urls: setting(flag(), {
      description: 'Accept announcements whose URL points to a loopback, private or otherwise local address. Only for test networks.',
      default: 'false',
    }),
    seen_window: setting(duration({ min: '1m' }), {
      description: 'A second announcement of the same thing by the same peer within this time is a repeat.',
      default: '10m',
    }),
    seen_max_ids: setting(integer(1000), { description: 'Most announcements remembered for that.', default: '250000' }),
    gossip_pending_max_messages: setting(integer(100), {
      description:
        'Maximum number of pending announcements: accepted, and not in the event log yet. Beyond it the oldest are dropped and counted.',
      default: '100000',
    }),
    gossip_pending_max_bytes: setting(size(65_536), { description: 'Maximum size of all pending announcements.', default: '64MiB' }),
    gossip_pending_max_age: setting(duration({ min: '1s' }), { description: 'Maximum age of a pending announcement.', default: '10m' }),
  },
}
