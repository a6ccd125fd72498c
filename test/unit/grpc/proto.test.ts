import { expect, test } from 'vitest'
import { PEER_SERVICE_RPCS } from '../../../src/admin/peer-service/peer-service.ts'
import { loadPeerService } from '../../../src/grpc/proto.ts'

/**
 * The messages as Teranode has them: number, name and type of each field. `s`: string, `b`: bool, `d`: double, `f`: float, `y`: bytes,
 * `i32`, `i64`, `u32`, `u64`; `[]`: repeated.
 */
const MESSAGES: Record<string, string> = {
  Peer:
    '1 id s, 2 addr s, 3 addrLocal s, 4 services s, 5 lastSend i64, 6 lastRecv i64, 7 sendSize i64, 8 recvSize i64, 9 sendMemory i64, ' +
    '10 pauseSend b, 11 unpauseSend b, 12 bytesSent u64, 13 bytesReceived u64, 14 avgRecvBandwidth i64, 15 assocId s, 16 streamPolicy s, ' +
    '17 inbound b, 18 connTime i64, 19 pingTime i64, 20 timeOffset i64, 21 version u32, 22 subVer s, 23 startingHeight u32, ' +
    '24 currentHeight u32, 25 banscore i32, 26 whitelisted b, 27 feeFilter i64',
  GetPeersResponse: '1 peers Peer[]',
  BanPeerRequest: '1 addr s, 2 until i64',
  BanPeerResponse: '1 ok b',
  UnbanPeerRequest: '1 addr s',
  UnbanPeerResponse: '1 ok b',
  IsBannedRequest: '1 ipOrSubnet s',
  IsBannedResponse: '1 isBanned b',
  ListBannedResponse: '1 banned s[]',
  ClearBannedResponse: '1 ok b',
  AddBanScoreRequest: '1 peer_id s, 2 reason s',
  AddBanScoreResponse: '1 ok b',
  ConnectPeerRequest: '1 peer_address s',
  ConnectPeerResponse: '1 success b, 2 error s',
  DisconnectPeerRequest: '1 peer_id s',
  DisconnectPeerResponse: '1 success b, 2 error s',
  RecordCatchupAttemptRequest: '1 peer_id s',
  RecordCatchupAttemptResponse: '1 ok b',
  RecordCatchupSuccessRequest: '1 peer_id s, 2 duration_ms i64',
  RecordCatchupSuccessResponse: '1 ok b',
  RecordCatchupFailureRequest: '1 peer_id s, 2 failure_kind s, 3 block_hash s',
  RecordCatchupFailureResponse: '1 ok b',
  RecordCatchupMaliciousRequest: '1 peer_id s',
  RecordCatchupMaliciousResponse: '1 ok b',
  UpdateCatchupErrorRequest: '1 peer_id s, 2 error_msg s',
  UpdateCatchupErrorResponse: '1 ok b',
  ResetReputationRequest: '1 peer_id s',
  ResetReputationResponse: '1 ok b, 2 peers_reset i32',
  GetPeersForCatchupRequest: '',
  PeerInfoForCatchup:
    '1 id s, 2 height u32, 3 block_hash s, 4 data_hub_url s, 5 catchup_reputation_score d, 6 catchup_attempts i64, ' +
    '7 catchup_successes i64, 8 catchup_failures i64',
  GetPeersForCatchupResponse: '1 peers PeerInfoForCatchup[]',
  ReportValidSubtreeRequest: '1 peer_id s, 2 subtree_hash s',
  ReportValidSubtreeResponse: '1 success b, 2 message s',
  ReportValidBlockRequest: '1 peer_id s, 2 block_hash s',
  ReportValidBlockResponse: '1 success b, 2 message s',
  ReportValidBlockHeadersRequest: '1 peer_id s, 2 duration_ms i64',
  ReportValidBlockHeadersResponse: '1 success b, 2 message s',
  ReportValidatedChainProgressRequest: '1 peer_id s, 2 height u32, 3 block_hash s, 4 chain_work y',
  ReportValidatedChainProgressResponse: '1 success b, 2 message s',
  IsPeerMaliciousRequest: '1 peer_id s',
  IsPeerMaliciousResponse: '1 is_malicious b, 2 reason s',
  IsPeerUnhealthyRequest: '1 peer_id s',
  IsPeerUnhealthyResponse: '1 is_unhealthy b, 2 reason s, 3 reputation_score f',
  PeerRegistryInfo:
    '1 id s, 2 height u32, 3 block_hash s, 4 data_hub_url s, 5 ban_score i32, 6 is_banned b, 7 is_connected b, 8 connected_at i64, ' +
    '9 bytes_received u64, 10 last_block_time i64, 11 last_message_time i64, 14 interaction_attempts i64, 15 interaction_successes i64, ' +
    '16 interaction_failures i64, 17 last_interaction_attempt i64, 18 last_interaction_success i64, 19 last_interaction_failure i64, ' +
    '20 reputation_score d, 21 malicious_count i64, 22 avg_response_time_ms i64, 23 storage s, 24 client_name s, ' +
    '25 last_catchup_error s, 26 last_catchup_error_time i64, 27 catchup_attempts i64, 28 catchup_successes i64, 29 catchup_failures i64',
  GetPeerRegistryResponse: '1 peers PeerRegistryInfo[]',
  RecordBytesDownloadedRequest: '1 peer_id s, 2 bytes_downloaded u64',
  RecordBytesDownloadedResponse: '1 ok b',
  GetPeerRequest: '1 peer_id s',
  GetPeerResponse: '1 peer PeerRegistryInfo, 2 found b',
}

/** Calls whose request is `google.protobuf.Empty`. */
const WITHOUT_REQUEST = ['ClearBanned', 'GetPeerRegistry', 'GetPeers', 'ListBanned']

const TYPES: Record<string, string> = {
  TYPE_STRING: 's',
  TYPE_BOOL: 'b',
  TYPE_DOUBLE: 'd',
  TYPE_FLOAT: 'f',
  TYPE_BYTES: 'y',
  TYPE_INT32: 'i32',
  TYPE_INT64: 'i64',
  TYPE_UINT32: 'u32',
  TYPE_UINT64: 'u64',
}

interface Field {
  readonly number: number
  readonly name: string
  readonly type: string
  readonly typeName: string
  readonly label: string
}

const { all, service } = await loadPeerService()

function fieldText({ number, name, type, typeName, label }: Field): string {
  const kind = TYPES[type] ?? typeName.replace(/^\.?(p2p_api\.)?/, '')
  return `${number} ${name} ${kind}${label === 'LABEL_REPEATED' ? '[]' : ''}`
}

test('names, numbers and types of all fields are those of Teranode', () => {
  const messages = Object.entries(all).flatMap(([name, definition]) => {
    if (!name.startsWith('p2p_api.') || !('type' in definition)) return []
    const { field } = definition.type as { field: Field[] }
    return [[name.slice('p2p_api.'.length), field.map(fieldText).join(', ')]]
  })
  expect(Object.fromEntries(messages)).toEqual(MESSAGES)
})

test('every call of the proto is served, and nothing else', () => {
  expect(Object.keys(service).sort()).toEqual(Object.keys(PEER_SERVICE_RPCS).sort())
})

test('calls have the path, request and response that clients expect', () => {
  for (const [method, { path, requestStream, responseStream, requestType, responseType }] of Object.entries(service)) {
    expect(path).toBe(`/p2p_api.PeerService/${method}`)
    expect([requestStream, responseStream]).toEqual([false, false])
    expect((requestType.type as { name: string }).name).toBe(WITHOUT_REQUEST.includes(method) ? 'Empty' : `${method}Request`)
    expect((responseType.type as { name: string }).name).toBe(`${method}Response`)
  }
})
