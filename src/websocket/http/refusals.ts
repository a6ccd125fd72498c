import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import { RareLog } from '../../lifecycle/rare-log.ts'

const SAY_EACH_MS = 60_000
/** How long a proxy that is not listed stands in readiness after its last request. */
const REMEMBER_PROXY_MS = 10 * 60_000

export interface RefusalsDeps {
  readonly log: Logger
  readonly clock: Pick<Clock, 'steady'>
}

/** What a misconfigured proxy or page shows to nobody but us: logged with the setting to change, at most once a minute each. */
export class Refusals {
  readonly #clock: Pick<Clock, 'steady'>
  readonly #origins: RareLog<{ origin: string; host: string }>
  readonly #notUpgraded: RareLog<string>
  readonly #proxies: RareLog<string>
  readonly #unread: RareLog<unknown>
  readonly #tokens: RareLog<{ address: string; reason: string }>
  #proxy: { readonly address: string; readonly seenAt: number } | null = null

  constructor({ log, clock }: RefusalsDeps) {
    this.#clock = clock
    this.#origins = new RareLog(
      { everyMs: SAY_EACH_MS },
      {
        say: (counts, { origin, host }) =>
          log.warn(
            { counts, origin, host },
            'a page may not connect to the WebSocket: add its origin to ws_allowed_origins, or set p2p_httpAddress to the address of this server',
          ),
      },
    )
    this.#notUpgraded = new RareLog(
      { everyMs: SAY_EACH_MS },
      {
        say: (counts, address) =>
          log.warn(
            { counts, address },
            'a request to the WebSocket asks for no upgrade: a proxy in front of it has to speak HTTP/1.1 and pass on Upgrade and Connection',
          ),
      },
    )
    this.#proxies = new RareLog(
      { everyMs: SAY_EACH_MS },
      {
        say: (counts, address) =>
          log.warn(
            { counts, address },
            'clients come through a proxy that trusted_proxies does not list: all of them count as one address',
          ),
      },
    )
    this.#unread = new RareLog(
      { everyMs: SAY_EACH_MS },
      { say: (counts, err) => log.warn({ counts, err }, 'history not readable for requests of /v1/events') },
    )
    this.#tokens = new RareLog(
      { everyMs: SAY_EACH_MS },
      {
        say: (counts, { address, reason }) =>
          log.warn({ counts, address, reason }, 'clients are refused for their token: ws_auth says which one they need'),
      },
    )
  }

  /** The past could not be read for a single request, which was answered with 503. */
  historyAway(error: unknown): void {
    this.#unread.count('requests', error)
  }

  origin(origin: string, host: string): void {
    this.#origins.count('refused', { origin: origin.slice(0, 200), host: host.slice(0, 200) })
  }

  /** `text` says what is wrong with the token, without it. */
  token({ refusal, text }: { refusal: string; text: string }, address: string): void {
    this.#tokens.count(refusal, { address, reason: text })
  }

  notUpgraded(address: string): void {
    this.#notUpgraded.count('refused', address)
  }

  /** A forwarding header from an address that is not trusted, while all clients come from there. */
  unlistedProxy(address: string): void {
    this.#proxy = { address, seenAt: this.#clock.steady() }
    this.#proxies.count('upgrades', address)
  }

  /** A sentence for readiness; null when there is nothing to say. */
  proxyNote(): string | null {
    if (this.#proxy === null || this.#clock.steady() - this.#proxy.seenAt > REMEMBER_PROXY_MS) return null
    return `all clients come from ${this.#proxy.address}, which is a proxy: list it in trusted_proxies`
  }

  stop(): void {
    this.#origins.stop()
    this.#notUpgraded.stop()
    this.#proxies.stop()
    this.#unread.stop()
    this.#tokens.stop()
  }
}
