import type { BanCommand } from '../../bans/ban-command.ts'
import { SCORE_POINTS, type ScoreReason } from '../../scores/offence.ts'
import { invalid, peerIdIn, shown, textIn } from './fields.ts'
import { type Rpc, RpcError, type RpcRequest } from './rpc.ts'

/** Beyond it a ban is for good, since this service has no other way to say so. */
const LATEST_UNTIL_S = Date.UTC(9999, 11, 31) / 1000

const REASON = 'by gRPC'
const NO_SCORES = 'scores are kept in Postgres: set banlist_db'

/** Calls about bans and scores. */
export const BAN_RPCS: Readonly<Record<string, Rpc>> = {
  BanPeer: {
    isChange: true,
    async handle(request, { bans }, requester) {
      await bans.change(addCommand(request), requester)
      return { ok: true }
    },
  },
  UnbanPeer: {
    isChange: true,
    async handle(request, { bans }, requester) {
      await bans.change({ action: 'remove', key: textIn(request, 'addr'), reason: REASON }, requester)
      return { ok: true }
    },
  },
  IsBanned: {
    isChange: false,
    handle: (request, { bans }) => ({ isBanned: bans.check(textIn(request, 'ipOrSubnet')) !== undefined }),
  },
  ListBanned: {
    isChange: false,
    handle: (_request, { bans }) => ({ banned: bans.list().map(({ key }) => key) }),
  },
  ClearBanned: {
    isChange: true,
    async handle(_request, { bans }, requester) {
      await bans.change({ action: 'clear', key: '', reason: REASON }, requester)
      return { ok: true }
    },
  },
  AddBanScore: {
    isChange: true,
    async handle(request, { charge, audit }, requester) {
      const [peerId, reason] = [peerIdIn(request), reasonIn(request)]
      if (!charge) throw new RpcError('FAILED_PRECONDITION', NO_SCORES)
      const outcome = await charge({ peerId, reason, requester })
      audit(requester, { action: 'add-score', peerId, reason, outcome })
      return { ok: true }
    },
  },
}

/** `until` 0 is the default length, as a node's `setban` without one means it. */
function addCommand(request: RpcRequest): BanCommand {
  const until = Number(textIn(request, 'until'))
  const command = { action: 'add', key: textIn(request, 'addr'), reason: REASON }
  if (until === 0) return command
  if (until < 0) throw invalid(`until is ${until}: it is a time in seconds since 1970, or 0 for the default length of a ban`)
  return until > LATEST_UNTIL_S ? { ...command, permanent: true } : { ...command, until: until * 1000 }
}

function reasonIn(request: RpcRequest): ScoreReason {
  const reason = textIn(request, 'reason')
  if (!Object.hasOwn(SCORE_POINTS, reason))
    throw invalid(`reason ${shown(reason)} has no points: it is ${Object.keys(SCORE_POINTS).join(', ')}`)
  return reason as ScoreReason
}
