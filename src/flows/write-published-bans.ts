import type { Ban } from '../bans/ban.ts'
import { type Marker, markerBan, markerHeaders, REVISION_HEADER } from '../bans/published/published-ban.ts'
import type { OutgoingRecord } from '../kafka/record.ts'

export interface PublishedBansOptions {
  readonly network: string
  readonly bridgeId: string
  /** Value of the header `schema`. */
  readonly schema: string
}

export interface PublishedBansDeps {
  readonly encode: (ban: Ban) => Buffer
  /** Resolves with the place of the record when it is acknowledged. */
  readonly send: (record: OutgoingRecord) => Promise<{ readonly offset: bigint }>
  readonly now: () => number
}

/** Writes to the topic of current bans. Each call resolves with the offset when acknowledged. */
export interface PublishedBansWriter {
  /** An entry or, with null, a tombstone. `revision` is undefined for a bridge without a database, whose list has none. */
  write(key: string, ban: Ban | null, revision: number | undefined): Promise<bigint>
  writeMarker(marker: Marker): Promise<bigint>
}

export function writePublishedBans(options: PublishedBansOptions, { encode, send, now }: PublishedBansDeps): PublishedBansWriter {
  const { network, bridgeId, schema } = options
  const append = async (key: string, ban: Ban | null, more: Readonly<Record<string, string>>) => {
    const headers = { type: 'ban', schema, network, 'bridge-id': bridgeId, 'received-at': new Date(now()).toISOString(), ...more }
    return (await send({ key, value: ban && encode(ban), headers })).offset
  }
  return {
    write: (key, ban, revision) => append(key, ban, revision === undefined ? {} : { [REVISION_HEADER]: String(revision) }),
    writeMarker: (marker) => append(markerBan().key, markerBan(), { type: 'ban-list', ...markerHeaders(marker) }),
  }
}
