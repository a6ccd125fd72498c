import { SUBPROTOCOL } from '../feed/frames.ts'
import { type ClientFramesOptions, clientFrames } from './client-frames.ts'
import { CLOSING, type JsonSchema, serverFrames } from './server-frames.ts'

export interface AsyncApiOptions extends ClientFramesOptions {
  /** Of the bridge. */
  readonly version: string
  /** JSON Schemas of the data of events, by type. */
  readonly eventData: Readonly<Record<string, JsonSchema>>
  /** Where clients reach the server, like `bridge.example.org:9906`. */
  readonly host: string
  readonly isTls: boolean
}

const WEBSOCKET: JsonSchema = { bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } } }

const DESCRIPTION =
  `The stream of ${SUBPROTOCOL}: a WebSocket that is opened with this subprotocol, and the same as server-sent events. ` +
  'Clients ignore properties and types that they do not know.'

/** The AsyncAPI 3 document of the stream (https://www.asyncapi.com/docs/reference/specification/v3.0.0). The server is the application: it sends events. */
export function asyncApiDocument({ version, eventData, host, isTls, ...options }: AsyncApiOptions): JsonSchema {
  const names = Object.keys(eventData)
  const dataSchemas = Object.fromEntries(names.map((type) => [`data-${type}`, eventData[type]]))
  const frames = serverFrames({ oneOf: names.map((type) => ref(`schemas/data-${type}`)) })
  const events = { type: 'array', description: 'With batch_ms: several events at once.', items: ref('schemas/event') }
  const sent: Record<string, JsonSchema> = { ...frames, events }
  const received = clientFrames(options)
  const channels = {
    webSocket: channel('/ws', { ...sent, ...received }, WEBSOCKET),
    serverSentEvents: channel('/events', { ...frames, closing: CLOSING }),
  }
  return {
    asyncapi: '3.0.0',
    info: { title: 'gossip-bridge stream', version, description: DESCRIPTION },
    defaultContentType: 'application/json',
    servers: { bridge: { host, protocol: isTls ? 'wss' : 'ws' } },
    channels,
    operations: {
      send: operation('send', 'webSocket', sent),
      receive: operation('receive', 'webSocket', received),
      stream: operation('send', 'serverSentEvents', { ...frames, closing: CLOSING }),
    },
    components: {
      schemas: { ...dataSchemas, ...sent, ...received, closing: CLOSING },
      messages: Object.fromEntries([...Object.keys(sent), ...Object.keys(received), 'closing'].map((name) => [name, messageOf(name)])),
    },
  }
}

function ref(path: string): JsonSchema {
  return { $ref: `#/components/${path}` }
}

function messageOf(name: string): JsonSchema {
  return { name, payload: ref(`schemas/${name}`) }
}

function channel(address: string, messages: Readonly<Record<string, JsonSchema>>, more: JsonSchema = {}): JsonSchema {
  return { address, messages: Object.fromEntries(Object.keys(messages).map((name) => [name, ref(`messages/${name}`)])), ...more }
}

function operation(action: 'send' | 'receive', of: string, messages: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const refs = Object.keys(messages).map((name) => ({ $ref: `#/channels/${of}/messages/${name}` }))
  return { action, channel: { $ref: `#/channels/${of}` }, messages: refs }
}
