import kafkajs, { type Broker } from 'kafkajs'
import type { Answered, Api } from '../wire/api/api.ts'

/** What kafkajs 2.2.4 has but does not declare. */
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
    /** The connection sends nothing more for `clientSideThrottleTime`. */
    readonly decode: (body: Buffer) => Promise<{ clientSideThrottleTime: number }>
    readonly parse: (decoded: unknown) => Promise<unknown>
  }
}

/** What kafkajs takes for one of its encoders. */
interface EncodedBody {
  readonly buf: Buffer
  readonly buffer: Buffer
}

/** The broker is older than what is asked of it. */
export class UnsupportedApiError extends Error {
  override readonly name = 'UnsupportedApiError'
  readonly code = 'BRIDGE_UNSUPPORTED_API'
}

/**
 * Sends one of our own requests to a broker, over the connections of kafkajs: it logs in, matches answers and notices silence. It
 * also honours quotas: after an answer that says so it holds the connection's next requests back.
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
  // Whatever the broker is told to do, it looks up the request for it: so it gets ours. Its own choice of a connection goes by the key.
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
