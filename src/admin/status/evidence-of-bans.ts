import type { ReadBanEvidence } from '../../bans/ports.ts'
import { withDeadline } from '../../lifecycle/time.ts'

type Evidence = Readonly<Record<string, unknown>> | null

/** The evidence comes from a database, which may be away. */
const READ_WITHIN_MS = 1000
const MOST_KEPT = 1000

/** The evidence of bans, by their causes. It never changes, so each is read once, and again only where it was forgotten. */
export class EvidenceOfBans {
  readonly #kept = new Map<string, Evidence>()

  /** Never rejects: while it cannot be read, there is none. */
  async of(causes: readonly string[], read: ReadBanEvidence): Promise<(cause: string) => Evidence> {
    const unknown = causes.filter((cause) => !this.#kept.has(cause))
    if (unknown.length > 0) await this.#read(unknown, read)
    return (cause) => this.#kept.get(cause) ?? null
  }

  async #read(causes: readonly string[], read: ReadBanEvidence): Promise<void> {
    const found = await withDeadline(read(causes), READ_WITHIN_MS, 'reading the evidence of bans').catch(() => undefined)
    if (!found) return
    for (const cause of causes) this.#kept.set(cause, found.get(cause) ?? null)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break
      this.#kept.delete(oldest)
    }
  }
}
