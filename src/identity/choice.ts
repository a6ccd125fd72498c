import type { IdentityRow } from './ports.ts'

export interface IdentityChoice {
  /** The keys that this instance may take now, best first. */
  readonly candidates: readonly IdentityRow[]
  /** Time until the next key becomes free; null if there is none to wait for. */
  readonly freeInMs: number | null
  /** Keys of the pool that are not retired. */
  readonly inUse: number
}

export interface ChoiceOptions {
  readonly instanceId: string
  /** How much longer to wait for our previous key while Postgres still reports its lock. */
  readonly patienceMs: number
}

/**
 * Chooses an instance's key. Order: reserved for it, its previous key, a key never used, the least recently held key. So peer ids stay
 * with their instances, and an instance that restarts gets its previous key as long as others are free.
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
