import { randomUUID } from 'node:crypto'
import type { Offence } from '../../scores/offence.ts'
import type { Charge } from './rpc.ts'

/** Charges a peer because somebody said so. Each call is an offence of its own. */
export function chargeByHand(charge: (offence: Offence) => Promise<unknown>): (charge: Charge) => Promise<unknown> {
  return ({ peerId, reason, requester: { door, address, actor } }) =>
    charge({ peerId, reason, cause: `${door}:${randomUUID()}`, evidence: { door, address, actor } })
}
