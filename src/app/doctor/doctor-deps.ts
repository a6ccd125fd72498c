import type { Logger } from 'pino'
import type { WantedTopic } from '../../kafka/admin/topic-spec.ts'

export interface DoctorDeps {
  readonly log: Logger
  readonly wanted: readonly WantedTopic[]
  /** Such as `v22.21.1`. */
  readonly nodeVersion: string
  readonly readFile: (path: string) => string
}
