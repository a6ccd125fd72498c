import type { Report } from '../../reputation/report.ts'
import { durationIn, hashIn, invalid, peerIdIn, textIn } from './fields.ts'
import type { Rpc, RpcRequest } from './rpc.ts'

/** As Teranode bounds it. */
const LONGEST_CHAIN_WORK = 32
const BLOCK_INCOMPLETE = 'block_incomplete'

/** Reports of the node's block and subtree validation about peers. */
export const REPORT_RPCS: Readonly<Record<string, Rpc>> = {
  RecordCatchupAttempt: recorded(() => ({ kind: 'catchup-attempt' })),
  RecordCatchupSuccess: recorded((request) => ({ kind: 'catchup-success', durationMs: durationIn(request, 'duration_ms') })),
  RecordCatchupFailure: recorded((request) => ({ kind: 'catchup-failure', error: failureIn(request) })),
  RecordCatchupMalicious: {
    isChange: true,
    async handle(request, { reputations, charge, audit }, requester) {
      const peerId = peerIdIn(request)
      const outcome = await charge?.({ peerId, reason: 'catchup_failure', requester })
      reputations.report(peerId, { kind: 'malicious' })
      audit(requester, { action: 'report-malicious', peerId, outcome: outcome ?? 'no scores are kept' })
      return { ok: true }
    },
  },
  UpdateCatchupError: recorded((request) => ({ kind: 'catchup-error', error: textIn(request, 'error_msg') })),
  ReportValidSubtree: reported('subtree validation recorded', (request) => {
    hashIn(request, 'subtree_hash')
    return { kind: 'valid-subtree' }
  }),
  ReportValidBlock: reported('block validation recorded', (request) => {
    hashIn(request, 'block_hash')
    return { kind: 'valid-block' }
  }),
  ReportValidBlockHeaders: reported('headers success recorded', (request) => ({
    kind: 'valid-headers',
    durationMs: durationIn(request, 'duration_ms'),
  })),
  ReportValidatedChainProgress: reported('validated chain progress recorded', validatedChain),
  RecordBytesDownloaded: recorded((request) => ({ kind: 'downloaded', bytes: BigInt(textIn(request, 'bytes_downloaded') || 0) })),
  ResetReputation: {
    isChange: true,
    async handle(request, { reputations, audit }, requester) {
      const peerId = textIn(request, 'peer_id').trim() === '' ? null : peerIdIn(request)
      const count = await reputations.reset(peerId)
      audit(requester, { action: 'reset-reputation', peerId: peerId ?? 'all', count })
      return { ok: true, peers_reset: count }
    },
  },
}

/** A report whose answer is `ok`. */
function recorded(reportOf: (request: RpcRequest) => Report): Rpc {
  return {
    isChange: true,
    handle(request, { reputations }) {
      reputations.report(peerIdIn(request), reportOf(request))
      return { ok: true }
    },
  }
}

/** A report whose answer is a sentence. */
function reported(message: string, reportOf: (request: RpcRequest) => Report): Rpc {
  return {
    isChange: true,
    handle(request, { reputations }) {
      reputations.report(peerIdIn(request), reportOf(request))
      return { success: true, message }
    },
  }
}

function failureIn(request: RpcRequest): string {
  const hash = textIn(request, 'block_hash') === '' ? '' : hashIn(request, 'block_hash')
  if (textIn(request, 'failure_kind') !== BLOCK_INCOMPLETE) return ''
  return hash === '' ? 'block incomplete during catchup' : `block incomplete during catchup: ${hash}`
}

function validatedChain(request: RpcRequest): Report {
  const [height, work] = [Number(request.height), request.chain_work]
  if (height === 0) throw invalid('height is 0: it is the height of the validated block')
  const hash = hashIn(request, 'block_hash')
  const bytes = work instanceof Uint8Array ? work.length : 0
  if (bytes === 0 || bytes > LONGEST_CHAIN_WORK) throw invalid(`chain_work has ${bytes} bytes: it has 1 to ${LONGEST_CHAIN_WORK}`)
  return { kind: 'validated-chain', height, hash }
}
