import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import { RareLog } from '../../lifecycle/rare-log.ts'
import { callWithDeadline, DeadlineError } from '../../lifecycle/time.ts'
import { BadInputError, RetryLaterError } from '../../messages/errors.ts'
import type { GrpcMetrics } from '../../telemetry/grpc-metrics.ts'
import { actorOf } from '../actor.ts'
import { KeyGate, type KeyRefusal } from '../key-gate.ts'
import type { Requester, RpcAnswer, RpcCall, RpcFailure, RpcService } from '../ports.ts'
import { BAN_RPCS } from './bans.ts'
import { PEER_RPCS } from './peers.ts'
import { REGISTRY_RPCS } from './registry.ts'
import { REPORT_RPCS } from './reports.ts'
import { type PeerServicePorts, type Rpc, RpcError } from './rpc.ts'

export interface PeerServiceOptions {
  /** `grpc_admin_api_key`, or `admin_api_key` in its place; empty: nothing can be changed. */
  readonly key: string
}

export interface PeerServiceDeps {
  readonly ports: PeerServicePorts
  readonly metrics: GrpcMetrics
  readonly log: Logger
  readonly clock: Pick<Clock, 'steady'>
}

/** Upper bound on the work for one call. A change that takes longer may have taken effect all the same. */
const WORK_DEADLINE_MS = 10_000

/** Every call of the service. */
export const PEER_SERVICE_RPCS: Readonly<Record<string, Rpc>> = { ...BAN_RPCS, ...PEER_RPCS, ...REPORT_RPCS, ...REGISTRY_RPCS }

/** Teranode's `p2p_api.PeerService` (schemas/proto/peer_service.proto) over the parts of the bridge. */
export class PeerService implements RpcService {
  readonly methods = Object.keys(PEER_SERVICE_RPCS)
  readonly #deps: PeerServiceDeps
  readonly #gate: KeyGate
  readonly #refusals: RareLog<string>
  readonly #stopped = new AbortController()

  constructor({ key }: PeerServiceOptions, deps: PeerServiceDeps) {
    const { metrics, log, clock } = deps
    this.#deps = deps
    this.#refusals = new RareLog(
      {},
      { say: (counts, from) => log.warn({ ...counts, from }, 'changes by gRPC were refused: no key, or a wrong one') },
    )
    const onRefused = (reason: KeyRefusal, from: string) => {
      metrics.refused.inc({ reason })
      this.#refusals.count(reason, from)
    }
    this.#gate = new KeyGate({ key }, { clock, onRefused })
  }

  async call(call: RpcCall): Promise<RpcAnswer> {
    const answer = await this.#answer(call)
    this.#deps.metrics.calls.inc({ method: call.method, status: 'failure' in answer ? answer.failure : 'OK' })
    return answer
  }

  /** Calls in progress end with UNAVAILABLE. */
  stop(): void {
    this.#stopped.abort(new RpcError('UNAVAILABLE', 'the bridge stops'))
    this.#refusals.stop()
  }

  async #answer({ method, request, address, key, actor }: RpcCall): Promise<RpcAnswer> {
    try {
      const rpc = PEER_SERVICE_RPCS[method]
      if (!rpc) throw new Error(`${method} is not served`)
      const refusal = rpc.isChange ? this.#gate.refusal(key, address) : undefined
      if (refusal) return KEY_FAILURES[refusal]
      const requester: Requester = { door: 'grpc', address, actor: actorOf(actor) }
      const limit = { ms: WORK_DEADLINE_MS, what: method, signal: this.#stopped.signal }
      return { response: await callWithDeadline(limit, async () => rpc.handle(request, this.#deps.ports, requester)) }
    } catch (error) {
      return this.#failure(method, error)
    }
  }

  #failure(method: string, error: unknown): RpcAnswer {
    if (error instanceof RpcError) return { failure: error.failure, message: error.message }
    if (error instanceof BadInputError) return failed('INVALID_ARGUMENT', error.message)
    if (error instanceof RetryLaterError) return failed('UNAVAILABLE', error.message)
    if (error instanceof DeadlineError) return failed('UNAVAILABLE', `${error.message}: it may still take effect`)
    this.#deps.log.error({ err: error, method }, 'a gRPC call failed')
    return failed('INTERNAL', 'internal error: the log of the bridge has it')
  }
}

const KEY_FAILURES: Readonly<Record<KeyRefusal, RpcAnswer>> = {
  'not-set': failed('PERMISSION_DENIED', 'neither grpc_admin_api_key nor admin_api_key is set, so nothing can be changed by gRPC: set one'),
  missing: failed('UNAUTHENTICATED', 'a change needs the key of grpc_admin_api_key in the metadata x-api-key'),
  wrong: failed('UNAUTHENTICATED', 'the key in x-api-key is not that of grpc_admin_api_key'),
  'too-often': failed('RESOURCE_EXHAUSTED', 'too many wrong keys from this address: wait 6 s'),
}

function failed(failure: RpcFailure, message: string): RpcAnswer {
  return { failure, message }
}
