import { callWithDeadline } from '../../lifecycle/time.ts'

export interface DialInTurnOptions {
  /** How long one address may take. A name may stand for several addresses: it gets the time of three. */
  readonly eachMs: number
  /** How long all of them may take. */
  readonly allMs: number
}

export interface DialInTurnDeps {
  /** Dials one multiaddress. */
  readonly dial: (address: string, signal: AbortSignal) => Promise<unknown>
  /** Aborts the dials. */
  readonly stopped: AbortSignal
  /** Milliseconds of the steady clock. */
  readonly now: () => number
}

const NAME = /^\/dns/

/**
 * Dials the addresses of one peer in turn until one answers. Each has its own deadline: a name that nobody resolves, or a host that drops
 * all packets, must not keep the other addresses from their turn. libp2p, given several, ends at the first name that it cannot resolve,
 * and has one deadline for all. Rejects with the error of the only address, or with an AggregateError.
 */
export async function dialInTurn(addresses: readonly string[], { eachMs, allMs }: DialInTurnOptions, deps: DialInTurnDeps): Promise<void> {
  const { dial, stopped, now } = deps
  const until = now() + allMs
  const errors: unknown[] = []
  for (const address of addresses) {
    const ms = Math.min(NAME.test(address) ? 3 * eachMs : eachMs, until - now())
    if (ms <= 0) break
    try {
      await callWithDeadline({ ms, what: `dialling ${address}`, signal: stopped }, (signal) => dial(address, signal))
      return
    } catch (error) {
      if (stopped.aborted) throw error
      errors.push(error)
    }
  }
  throw errors.length === 1 ? errors[0] : new AggregateError(errors, errors.map(textOf).join('; '))
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
