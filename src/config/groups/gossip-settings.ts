import { advertisedAddress, baseUrlHost, ipAddress, peerMultiaddress, peersMultiaddress, port } from '../kinds/address-kinds.ts'
import { encryptionKey, peerId, privateKey, sharedKey } from '../kinds/key-kinds.ts'
import { amount, choice, duration, flag, flagOrAuto, integer, list, shaped, size } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'
import { gossipTopicSettings } from './gossip-topic-settings.ts'

/** Run by Protocol Labs for everybody. */
const PUBLIC_DHT = [
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmQCU2EcMqAqQPR2i9bChDtGNJchTbq5TbXJJ16u19uLTa',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmbLHAnMoJPWSCR5Zhtx6BHJX9KiKNN6tpvbUcqanj75Nb',
  '/dnsaddr/bootstrap.libp2p.io/p2p/QmcZf59bWwK5XFi76CZX8cbJ4BhTzzA3gU1ZjYZcYW3dwt',
  '/ip4/104.131.131.82/tcp/4001/p2p/QmaCpDMGvV2BGHeYERUEnRQAwe3N8SzbUtfsmvqLQjN4uJ',
]

/** The libp2p host and its peers. */
export const peerSettings = {
  title: 'Peers',
  settings: {
    p2p_listen_addresses: setting(list(ipAddress()), {
      description: 'IP addresses on which the libp2p host listens.',
      default: '0.0.0.0',
      example: '0.0.0.0|::',
    }),
    p2p_port: setting(port(), { description: 'TCP port of the libp2p host.', default: '9905' }),
    p2p_advertise_addresses: setting(list(advertisedAddress()), {
      description: 'Addresses that peers are told for this host, instead of those that it detects. The default port is `p2p_port`.',
      default: '',
      example: 'node.example.org|203.0.113.7:19905',
    }),
    p2p_share_private_addresses: setting(flag(), {
      description:
        'Tell peers this host’s loopback, private and link-local addresses too. Without it, a public network hears only public ones. Those of `p2p_advertise_addresses` are always told.',
      default: 'false',
    }),
    p2p_allow_private_ips: setting(flag(), {
      description:
        'The network stands on private addresses, though it has no `p2p_shared_key`: tell them, and dial those that only strangers vouch for. They may then lead this host to any address of its own networks, so only for test networks and closed ones. For URLs there is `allow_private_urls`.',
      default: 'false',
    }),
    p2p_static_peers: setting(list(peersMultiaddress()), {
      description:
        'Peers to which the host keeps a connection. A missing one is dialled every 5 s. `/dnsaddr/<host>` stands for all peers that the TXT records of `_dnsaddr.<host>` name.',
      default: '',
      example: '/dns4/peer.example.org/tcp/9905/p2p/12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK',
      isReloaded: true,
    }),
    p2p_private_key: setting(privateKey(), {
      description:
        'Ed25519 key of the host (`gossip-bridge keygen` creates one): hex of seed and public key, of seed and twice the public key, or libp2p’s encoding as hex or base64. Without it, the key comes from the pool (see `identity_encryption_key`), or each start creates a new one.',
      default: '',
      secret: 'value',
    }),
    p2p_peer_id: setting(peerId(), {
      description: 'Peer id that must belong to `p2p_private_key`. Checked when both are set.',
      default: '',
      example: '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK',
    }),
    identity_encryption_key: setting(encryptionKey(), {
      description:
        'Key of 32 bytes, as hex or base64, that encrypts the private keys of the pool in `banlist_db`. With it, and without `p2p_private_key`, each instance takes its key from the pool.',
      default: '',
      secret: 'value',
    }),
    identity_pool_max: setting(integer(0, 10_000), {
      description:
        'Up to this number of keys in the pool, an instance that finds no free key adds one; beyond it, it waits. 0: only `identities add` adds keys.',
      default: '16',
    }),
    identity_lease: setting(duration({ min: '15s' }), {
      description:
        'How long a vanished instance’s key of the pool stays reserved. After half of this time without Postgres an instance stops its host and exits.',
      default: '30s',
    }),
    p2p_shared_key: setting(sharedKey(), {
      description:
        'Pre-shared key of a private network: at least 64 hex characters, of which the first 64 are used. Without it the network is public.',
      default: '',
      secret: 'value',
    }),
    p2p_max_connections: setting(integer(1), { description: 'Maximum number of connections to peers at one time.', default: '200' }),
    p2p_max_connections_per_address: setting(integer(1), {
      description:
        'Maximum number of connections from one IPv4 address or IPv6 /64, apart from static and bootstrap peers and peers that announced proof of work. Raise it when peers reach the host through a proxy or NAT that hides their addresses.',
      default: '16',
    }),
    p2p_bootstrapAddresses: setting(list(peersMultiaddress()), {
      description:
        'Peers to connect to at the start. One that cannot be reached is tried again for ever, with growing pauses. `/dnsaddr/<host>` stands for all peers that the TXT records of `_dnsaddr.<host>` name.',
      default: '',
      example: '/dns4/bootstrap.example.org/tcp/9901/p2p/12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK',
    }),
    p2p_direct_peers: setting(flag(), {
      description:
        'In the dialect `envelope`, static and bootstrap peers are direct peers, as Teranode has it: they are sent everything and are not scored. Both sides have to name each other; a peer that has not named this bridge is an ordinary one, and the log says so.',
      default: 'true',
    }),
    p2p_dht_protocol_id: setting(shaped('a protocol id that begins with a slash', /^\/[^\s]{1,100}$/), {
      description: 'Prefix of the protocol id of a private DHT: `<prefix>/kad/1.0.0`.',
      default: '/teranode',
    }),
    p2p_dht_use_private: setting(flag(), {
      description: 'Find peers with a private DHT instead of the public one. Needs `p2p_shared_key`.',
      default: 'false',
    }),
    p2p_dht_mode: setting(choice('auto', 'server', 'client', 'off'), {
      description:
        'How to take part in the DHT: a `server` answers the queries of others, a `client` only asks. `auto`: `server` in a private DHT, `client` in the public one, `off` on regtest or with a `p2p_shared_key` that is not for a private DHT.',
      default: 'auto',
    }),
    p2p_dht_bootstrap_peers: setting(list(peerMultiaddress()), {
      description: 'Entries of the public DHT. A private one is entered by the static and bootstrap peers.',
      default: PUBLIC_DHT.join('|'),
    }),
    p2p_optimise_retries: setting(flag(), {
      description:
        'Wait longer before the next dial when the last one failed for a reason that time hardly mends: another peer answered (1 h), another network or no usable address (10 min). Static and bootstrap peers wait at most 5 min.',
      default: 'false',
    }),
  },
}

/** The messages of gossip: their form, limits and checks. */
export const gossipSettings = {
  title: 'Gossip',
  settings: {
    gossip_dialect: setting(choice('plain', 'envelope'), {
      description:
        'Form of the gossip messages: `plain` is bare JSON on the topics `bitcoin/<network>-<suffix>`, as older nodes speak; `envelope` is what today’s Teranode nodes speak on `teranode/bitcoin/1.0.0/<network>-<suffix>`. All instances of a bridge have the same.',
      default: 'plain',
      example: 'envelope',
    }),
    listen_mode: setting(choice('full', 'listen_only', 'silent'), {
      description:
        'What peers hear of this node: `full` is all; `listen_only` is its status without URLs, and no announcement; `silent` is nothing: no status, no handshake, no address, no DHT.',
      default: 'full',
    }),
    node_storage: setting(choice('unsaid', 'full', 'pruned'), {
      description:
        'Dialect `envelope`: what this node keeps of old blocks, as its status tells peers: `full` is all. They catch up from `full` nodes first, and shun one that cannot deliver.',
      default: 'unsaid',
      example: 'full',
    }),
    minminingtxfee: setting(amount(), {
      description:
        'Dialect `envelope`: the least fee, in BSV a kilobyte, for which this node mines a transaction, as its status tells peers. `0` is no fee. Empty: not said.',
      default: '',
      example: '0.00000001',
    }),
    ...gossipTopicSettings,
    p2p_rejected_tx_second_topic: setting(
      shaped('a topic name of letters, digits, dots, dashes and underscores', /^[A-Za-z0-9._-]{1,100}$/),
      {
        description:
          'Suffix of a second gossip topic of rejected transactions, heard and used like the first. Clients of Teranode’s client library listen to `rejected-tx` only.',
        default: '',
        example: 'rejected-tx',
      },
    ),
    p2p_bestblock_topic: setting(shaped('a topic name of letters, digits, dots, dashes and underscores', /^[A-Za-z0-9._-]{1,100}$/), {
      description:
        'Suffix of the gossip topic of requests for the best block, which older nodes use. Empty: none is sent, and none is answered.',
      default: '',
      example: 'bestblock',
    }),
    gossip_outbound_rate: setting(integer(0), {
      description: 'Maximum number of own messages published per second; 0 = no limit. Other nodes drop bursts.',
      default: '200',
      isReloaded: true,
    }),
    gossip_inbound_rate: setting(integer(0), {
      description: 'Maximum number of messages processed per second, shared fairly between the neighbours that send them; 0 = no limit.',
      default: '2000',
      isReloaded: true,
    }),
    outbound_max_age: setting(duration(), {
      description: 'Maximum age of an own notification to be published to gossip. The newest block is published at any age.',
      default: '10m',
    }),
    min_block_work: setting(
      shaped('a whole number of hashes, decimal or as 0x with hexadecimal digits', /^([1-9]\d{0,77}|0x[0-9a-f]{1,64})$/i),
      {
        description:
          'Minimum proof of work of the header of an announced block, in expected hashes. A block without a header proves none: see `require_block_header`.',
        default: '',
        derived: '2^64 on mainnet, 2 on regtest, else 4295032833',
        example: '0x10000000000000000',
      },
    ),
    require_block_header: setting(flagOrAuto(), {
      description:
        'Believe only blocks with a header, which has to prove the minimum work. Without it, whoever has a key can announce any hash at any height. `auto`: `true` on mainnet, and where the dialect is `envelope`, but on regtest; nodes of before July 2025 send no header.',
      default: 'auto',
    }),
    allow_private_urls: setting(flag(), {
      description:
        'Accept announcements with a URL to a loopback, private or otherwise local address. Only for test networks. There the own URL may be such a one too, if the others accept it; on mainnet it may not.',
      default: 'false',
    }),
    subtreevalidation_blacklisted_baseurls: setting(list(baseUrlHost()), {
      description:
        'Hosts, or URLs of which the host counts, to which no URL of a peer may lead. Its announcement is ignored without blame; of a status only the URL is left out.',
      default: '',
      example: 'https://slow.example.org/api/v1|203.0.113.7',
    }),
    max_height_lead: setting(integer(1, 4_294_967_295), {
      description:
        'How far above the own best block a height may be that a peer announces. Of a greater one this much is believed; the event keeps the announced one too. An own best block that is not known yet counts as height 0.',
      default: '10000',
    }),
    accept_authors: setting(list(peerId()), {
      description:
        'Peer ids whose messages are heard; those of others are ignored and not passed on, without blame. Own and static peers are always heard. Empty: everybody.',
      default: '',
      example: '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK',
    }),
    seen_window: setting(duration({ min: '1m' }), {
      description: 'How long an announcement is remembered. Within this time the same announcement by the same peer counts as a repeat.',
      default: '10m',
    }),
    seen_max_ids: setting(integer(1000), {
      description: 'Maximum number of announcements remembered to recognize repeats.',
      default: '250000',
    }),
    gossip_pending_max_messages: setting(integer(100), {
      description:
        'Maximum number of pending announcements (accepted, and not in the event log yet). Beyond it the oldest are dropped and counted.',
      default: '100000',
    }),
    gossip_pending_max_bytes: setting(size(65_536), {
      description: 'Maximum size of all pending announcements (accepted, and not in the event log yet).',
      default: '64MiB',
    }),
    gossip_pending_max_age: setting(duration({ min: '1s' }), {
      description: 'Maximum age of a pending announcement (accepted, and not in the event log yet).',
      default: '10m',
    }),
  },
}
