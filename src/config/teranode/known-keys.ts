import type { SettingName } from '../settings.ts'

/** Settings that mean the same in Teranode, under the same name. */
export const SAME_NAMES: readonly SettingName[] = [
  'network',
  'clientName',
  'listen_mode',
  'minminingtxfee',
  'asset_httpPublicAddress',
  'asset_httpAddress',
  'p2p_listen_addresses',
  'p2p_port',
  'p2p_advertise_addresses',
  'p2p_share_private_addresses',
  'p2p_allow_private_ips',
  'p2p_static_peers',
  'p2p_private_key',
  'p2p_peer_id',
  'p2p_shared_key',
  'p2p_bootstrapAddresses',
  'p2p_dht_protocol_id',
  'p2p_dht_use_private',
  'p2p_dht_mode',
  'p2p_optimise_retries',
  'p2p_block_topic',
  'p2p_subtree_topic',
  'p2p_mining_on_topic',
  'p2p_rejected_tx_topic',
  'p2p_node_status_topic',
  'p2p_handshake_topic',
  'p2p_ban_threshold',
  'p2p_ban_duration',
  'p2p_httpAddress',
  'p2p_httpListenAddress',
  'p2p_grpcListenAddress',
  'grpc_admin_api_key',
  'securityLevelHTTP',
  'securityLevelGRPC',
  'server_certFile',
  'server_keyFile',
  'subtreevalidation_blacklisted_baseurls',
  'blockchain_grpcAddress',
]

/** Settings that have another name in Teranode; later ones win. */
export const OTHER_NAMES: readonly (readonly [key: string, name: SettingName])[] = [
  ['p2p_bootstrap_peers', 'p2p_bootstrapAddresses'],
  ['p2p_max_unvalidated_advertised_height_lead', 'max_height_lead'],
  ['p2p_allowed_publisher_ids', 'accept_authors'],
  ['p2p_websocket_allowed_origins', 'ws_allowed_origins'],
  ['p2p_websocket_max_connections', 'ws_max_clients'],
  ['KAFKA_ENABLE_TLS', 'kafka_ssl_enabled'],
  ['KAFKA_TLS_CA_FILE', 'kafka_ssl_ca_file'],
  ['KAFKA_TLS_CERT_FILE', 'kafka_ssl_cert_file'],
  ['KAFKA_TLS_KEY_FILE', 'kafka_ssl_key_file'],
]

/** Nodes that speak the dialect `envelope` do not read these, though their files may still have them. */
export const OF_OLD_NODES: readonly SettingName[] = ['p2p_shared_key', 'p2p_dht_protocol_id', 'p2p_dht_use_private']

/** Teranode's files ship this key, which everybody knows. */
export const SHIPPED_API_KEY = 'testkey'

/** The topics, each with the key of its URL. */
export const TOPIC_URLS = {
  kafka_blocksConfig: 'blocks',
  kafka_subtreesConfig: 'subtrees',
  kafka_rejectedTxConfig: 'rejected_tx',
  kafka_invalidBlocksConfig: 'invalid_blocks',
  kafka_invalidSubtreesConfig: 'invalid_subtrees',
} as const
