import type { IdentityRow } from './identity-store.ts'

export interface IdentityChoice {
  /** The keys that this instance may take now, best first. */
  readonly candidates: readonly IdentityRow[]
  /** So soon may one more be free without anybody's doing; null: none. */
  readonly freeInMs: number | null
  /** Keys of the pool that are not retired. */
  readonly inUse: number
}

export interface ChoiceOptions {
  readonly instanceId: string
  /** So much longer waits an instance for the key that it had before a crash, when Postgres takes it for held still. */
  readonly patienceMs: number
}

/**
 * Which key an instance takes: the one that is reserved for it, the one that it had before, one that nobody has had yet, the
 * one that has been free for longest. So peer ids stay with their instances, and nobody takes what another is about to come
 * back for, while there is something else.
 */
export function chooseIdentities(rows: readonly IdentityRow[], { instanceId, patienceMs }: ChoiceOptions): IdentityChoice {
  const pool = rows.filter((row) => row.sealedKey !== null && row.retiredAt === null)
  const ours = pool.filter(({ reservedFor }) => reservedFor === null || reservedFor === instanceId)
  const wasOurs = (row: IdentityRow) => row.holder?.instanceId === instanceId
  const isFree = (row: IdentityRow) => !row.isLocked && (row.leaseLeftMs === 0 || wasOurs(row))
  const rank = (row: IdentityRow) => (row.reservedFor !== null ? 0 : wasOurs(row) ? 1 : row.holder === null ? 2 : 3)
  const heldAt = (row: IdentityRow) => row.holder?.since.getTime() ?? 0
  const waits = ours.flatMap((row) => {
    if (row.isLocked) return wasOurs(row) && patienceMs > 0 ? [patienceMs] : []
    return isFree(row) ? [] : [row.leaseLeftMs]
  })
  return {
    candidates: ours.filter(isFree).sort((left, right) => rank(left) - rank(right) || heldAt(left) - heldAt(right)),
    freeInMs: waits.length === 0 ? null : Math.min(...waits),
    inUse: pool.length,
  }
}
