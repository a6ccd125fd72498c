import { printableJson } from '../../config/printable.ts'
import type { IdentityRow } from '../../identity/ports.ts'

/** A key of the settings is shown while an instance holds it. Nothing else is known about it. */
export function isShown(row: IdentityRow): boolean {
  return row.sealedKey !== null || row.isLocked
}

/** The peer ids that an instance has or may get, separated by `|` as Teranode's settings are. A retired key counts while it is held. */
export function allowList(rows: readonly IdentityRow[], configured: readonly string[]): string {
  const used = rows.filter((row) => row.isLocked || (row.sealedKey !== null && row.retiredAt === null))
  return [...new Set([...configured, ...used.map(({ peerId }) => peerId)])].sort().join('|')
}

/** One key as a line for people. */
export function identityLine(row: IdentityRow): string {
  const parts = [
    stateText(row),
    row.sealedKey === null ? 'from p2p_private_key' : '',
    row.reservedFor === null ? '' : `only for ${row.reservedFor}`,
    row.advertiseAddresses === null ? '' : `announces ${row.advertiseAddresses.join(' and ')}`,
    row.createdAt === null ? '' : `added ${row.createdAt.toISOString()}`,
  ]
  return printableJson(`${row.peerId} ${parts.filter((part) => part !== '').join(', ')}`)
}

/** The current state of the key, with its holder. */
export function stateText({ isLocked, holder, leaseLeftMs, retiredAt }: IdentityRow): string {
  const retired = retiredAt === null ? '' : `retired ${retiredAt.toISOString()}`
  if (isLocked) return join(retired, holder ? `held by ${holder.instanceId} on ${holder.host} since ${holder.since.toISOString()}` : 'held')
  if (leaseLeftMs > 0 && holder)
    return join(retired, `kept for ${holder.instanceId} on ${holder.host} for ${Math.ceil(leaseLeftMs / 1000)} s yet`)
  return retired === '' ? 'free' : retired
}

/** One key as JSON for programs. */
export function identityJson(row: IdentityRow): string {
  const state = row.isLocked ? 'held' : row.retiredAt !== null ? 'retired' : row.leaseLeftMs > 0 ? 'kept' : 'free'
  const { peerId, advertiseAddresses, reservedFor, createdAt, retiredAt, holder } = row
  return printableJson(
    JSON.stringify({
      peerId,
      state,
      holder: state === 'held' || state === 'kept' ? holder : null,
      advertiseAddresses,
      reservedFor,
      createdAt,
      retiredAt,
      source: row.sealedKey === null ? 'p2p_private_key' : 'pool',
    }),
  )
}

function join(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(', ')
}
