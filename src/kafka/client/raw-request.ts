import kafkajs, { type Broker } from 'kafkajs'
import type { Answered, Api } from '../wire/api/api.ts'

/** Members that kafkajs 2.2.4 has but does not declare. */
interface BrokerInside extends Broker {
  readonly versions: unknown
  readonly brokerAddress: string
  lookupRequest(apiKey: number, definition: RequestDefinition): (options: unknown) => ProtocolRequest
}

interface RequestDefinition {
  readonly versions: readonly string[]
  readonly protocol: (negotiated: { version: number }) => (options: unknown) => ProtocolRequest
}

interface ProtocolRequest {
  readonly request: {
    readonly apiKey: number
    readonly apiName: string
    readonly apiVersion: number
    readonly encode: () => Promise<EncodedBody>
  }
  readonly response: {
    /** The connection sends no further request for `clientSideThrottleTime`. */
    readonly decode: (body: Buffer) => Promise<{ clientSideThrottleTime: number }>
    readonly parse: (decoded: unknown) => Promise<unknown>
  }
}

/** The shape that kafkajs expects of its encoders. */
interface EncodedBody {
  readonly buf: Buffer
  readonly buffer: Buffer
}

/** The broker is too old for the request. */
export class UnsupportedApiError extends Error {
  override readonly name = 'UnsupportedApiError'
  readonly code = 'BRIDGE_UNSUPPORTED_API'
}

/**
 * Sends one of our own requests to a broker, over the connections of kafkajs: kafkajs authenticates, matches answers and detects
 * timeouts. It also honours quotas: after a throttled answer it delays the connection's next requests.
 */
export async function sendRequest<Request, Answer>(broker: Broker, api: Api<Request, Answer>, request: Request): Promise<Answered<Answer>> {
  const { versions, brokerAddress, lookupRequest } = broker as BrokerInside
  if (!versions) throw new kafkajs.KafkaJSConnectionError('Broker not connected', { broker: brokerAddress })
  const protocol = lookupRequest(api.key, {
    versions: api.versions.map(String),
    protocol: ({ version }) => {
      if (!api.versions.includes(version)) throw new UnsupportedApiError(tooOld(api, version))
      return () => toProtocol(api, request, version)
    },
  })
  // The broker looks up the request for every call, so it gets ours. It chooses the connection by the API key.
  const asked = Object.create(broker, { lookupRequest: { value: () => protocol } }) as Broker
  return (await asked.fetch({ topics: [] } as unknown as Parameters<Broker['fetch']>[0])) as unknown as Answered<Answer>
}

function toProtocol<Request, Answer>(api: Api<Request, Answer>, request: Request, version: number): ProtocolRequest {
  return {
    request: {
      apiKey: api.key,
      apiName: api.name,
      apiVersion: version,
      encode: async () => {
        const body = api.encode(request, version)
        return { buf: body, buffer: body }
      },
    },
    response: {
      decode: async (body) => {
        const answered = await api.decode(body, request)
        return { ...answered, clientSideThrottleTime: answered.throttledMs }
      },
      parse: async (decoded) => decoded,
    },
  }
}

function tooOld({ name, versions }: Api<never, unknown>, version: number): string {
  return `the broker speaks ${name} up to version ${version}, at least ${versions[0]} is needed: use Kafka 2.8 or later`
}
