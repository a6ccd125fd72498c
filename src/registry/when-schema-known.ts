import type { Clock } from '../lifecycle/clock.ts'
import { sleep } from '../lifecycle/time.ts'
import { RetryLaterError } from '../messages/errors.ts'

const LOOK_EACH_MS = 25
/** A registry that answers at all answers within this, also one that learns ids from another late. */
const DEADLINE_MS = 15_000

/**
 * What `decode` returns. For readers that go on only when they have the value: waits while the registry has not answered what the
 * value's schema is. Throws RetryLaterError when it does not answer in time.
 */
export async function whenSchemaKnown<T>(decode: () => T, { clock }: { clock: Pick<Clock, 'steady'> }): Promise<T> {
  const until = clock.steady() + DEADLINE_MS
  for (;;) {
    try {
      return decode()
    } catch (error) {
      if (!(error instanceof RetryLaterError) || clock.steady() >= until) throw error
      await sleep(LOOK_EACH_MS)
    }
  }
}
