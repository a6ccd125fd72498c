import type { RecordHandler } from '../events/ports.ts'
import type { KafkaRecord } from '../kafka/record.ts'
import { BadInputError } from '../messages/errors.ts'
import type { InvalidContent } from '../messages/invalid-content.ts'
import { canonicalHash } from '../messages/rules/hash.ts'
import { blamed, isInfrastructureFault } from '../scores/blame.ts'
import type { Offence } from '../scores/offence.ts'
import type { ScoreOutcome } from '../scores/scores.ts'

export interface VerdictsToScoresOptions {
  readonly bridgeId: string
}

export interface VerdictsToScoresDeps {
  /** Throws BadInputError. */
  readonly decode: (record: KafkaRecord) => InvalidContent
  /** The signers that announced a hash. */
  readonly announcersOf: (kind: InvalidContent['kind'], hash: string) => readonly { peerId: string; dataHubUrl: string }[]
  /** A canonical peer id, or undefined for text that is none. */
  readonly peerIdOf: (text: string) => string | undefined
  /** Undefined without a database: scores are kept there only. Durable when it resolves; throws RetryLaterError. */
  readonly charge: ((offences: readonly [Offence]) => Promise<ScoreOutcome>) | undefined
}

/**
 * Verdicts of the validation services on foreign blocks and subtrees, to the scores of those who announced them. An offence is named by
 * what was invalid, so that a redelivered record, or a second verdict on the same hash, charges a signer once.
 */
export function verdictsToScores({ bridgeId }: VerdictsToScoresOptions, deps: VerdictsToScoresDeps): RecordHandler {
  return async (record) => {
    if (record.headers['bridge-id'] === bridgeId) return 'own-bridge'
    const content = canonical(deps.decode(record), deps)
    if (!deps.charge) return 'no-database'
    if (isInfrastructureFault(content)) return 'nobodys-fault'
    const { kind, hash, reason, peerUrl } = content
    const signers = blamed(content, deps.announcersOf(kind, hash))
    if (signers.length === 0) return 'unknown-hash'
    const evidence = { record: `${record.topic}:${record.partition}:${record.offset}`, hash, reason, peerUrl }
    const offence = { reason: kind === 'block' ? 'invalid_block' : 'invalid_subtree', cause: `invalid-${kind}:${hash}`, evidence } as const
    for (const peerId of signers) await deps.charge([{ ...offence, peerId }])
    return 'charged'
  }
}

function canonical(content: InvalidContent, { peerIdOf }: VerdictsToScoresDeps): InvalidContent {
  const hash = canonicalHash(content.hash)
  if (hash === undefined)
    throw new BadInputError('bad-content', `"${content.hash.slice(0, 100)}" is no hash: it has 64 hexadecimal characters`)
  const peerId = content.peerId ? peerIdOf(content.peerId.trim()) : null
  if (peerId === undefined) throw new BadInputError('bad-content', `"${content.peerId?.slice(0, 100)}" is no peer id`)
  return { ...content, hash, peerId }
}
