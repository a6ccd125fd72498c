import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { networkText, parseIpAddress, unmapped } from '../addresses/ip-address.ts'
import type { Clock } from '../lifecycle/clock.ts'
import { Guesses } from '../lifecycle/pace/guesses.ts'
import { AdminError } from './answers.ts'

/** Why a change was refused. They are metric labels. */
export type KeyRefusal = 'not-set' | 'missing' | 'wrong' | 'too-often'

export interface KeyGateDeps {
  readonly clock: Pick<Clock, 'steady'>
  readonly onRefused: (refusal: KeyRefusal, address: string) => void
}

/** Wrong keys per address: ten at once, then one each six seconds. */
const GUESSES = { perSecond: 1 / 6, burst: 10 }
const RETRY_AFTER_S = '6'

/**
 * Lets requests with the key through. After too many wrong keys an address gets no answer about its key, not even a right one, because
 * otherwise a limit would not slow down guessing. One IPv6 /64 counts as one address.
 */
export class KeyGate {
  readonly #digest: Buffer | undefined
  readonly #deps: KeyGateDeps
  readonly #guesses: Guesses

  constructor({ key }: { key: string }, deps: KeyGateDeps) {
    this.#digest = key === '' ? undefined : digestOf(key)
    this.#deps = deps
    this.#guesses = new Guesses(GUESSES, deps)
  }

  /** Throws AdminError 403 without a key in the settings, 401 without the right one in the request, 429 after too many wrong ones. */
  check(headers: IncomingHttpHeaders, address: string): void {
    const refusal = this.refusal(keyIn(headers), address)
    if (refusal) throw ERRORS[refusal]()
  }

  /** Why a key, or none, does not let its sender through; undefined for the right one. */
  refusal(given: string | undefined, address: string): KeyRefusal | undefined {
    const refusal = this.#judge(given, networkOf(address))
    if (refusal) this.#deps.onRefused(refusal, address)
    return refusal
  }

  #judge(given: string | undefined, network: string): KeyRefusal | undefined {
    if (!this.#digest) return 'not-set'
    if (this.#guesses.areTooMany(network)) return 'too-often'
    if (given === undefined) return 'missing'
    if (timingSafeEqual(digestOf(given), this.#digest)) return undefined
    this.#guesses.wrong(network)
    return 'wrong'
  }
}

const CHALLENGE = { 'www-authenticate': 'Bearer realm="gossip-bridge"' }

const ERRORS: Readonly<Record<KeyRefusal, () => AdminError>> = {
  'not-set': () => new AdminError(403, 'admin_api_key is not set, so nothing can be changed by HTTP: set it, or use `gossip-bridge bans`'),
  missing: () =>
    new AdminError(401, 'a change needs the key of admin_api_key, as "Authorization: Bearer <key>" or "x-api-key: <key>"', CHALLENGE),
  wrong: () => new AdminError(401, 'the key is not that of admin_api_key', CHALLENGE),
  'too-often': () =>
    new AdminError(429, `too many wrong keys from this address: wait ${RETRY_AFTER_S} s`, { 'retry-after': RETRY_AFTER_S }),
}

/** Digests, because the comparison takes constant time only for texts of one length. */
function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

function keyIn({ authorization, 'x-api-key': apiKey }: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  return bearer ?? (typeof apiKey === 'string' && apiKey !== '' ? apiKey : undefined)
}

function networkOf(address: string): string {
  const parsed = parseIpAddress(address)
  return parsed ? networkText(unmapped(parsed)) : address
}
