import { get, type IncomingMessage } from 'node:http'
import { expect } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { frameFault } from '../../support/frame-schemas.ts'
import { onEnd } from '../../support/on-end.ts'

export interface ServerSentEvent {
  readonly name: string
  /** Null where none is sent. */
  readonly id: string | null
  readonly data: Record<string, unknown>
}

/** A reader of server-sent events that keeps all it hears. */
export class StreamClient {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly response: IncomingMessage
  text = ''
  isClosed = false

  private constructor(response: IncomingMessage) {
    this.response = response
    this.status = response.statusCode ?? 0
    this.headers = response.headers
    response.setEncoding('utf8')
    response.on('data', (text: string) => {
      this.text += text
    })
    response.on('error', () => {})
    response.on('close', () => {
      this.isClosed = true
    })
    onEnd(async () => {
      response.destroy()
      const faults = this.status === 200 ? this.events().map(({ data }) => frameFault(data)) : []
      expect(faults.filter((fault) => fault !== null)).toEqual([])
    })
  }

  static open(url: string, headers: Record<string, string> = {}): Promise<StreamClient> {
    return new Promise((resolve, reject) => {
      get(url, { headers, agent: false }, (response) => resolve(new StreamClient(response))).on('error', reject)
    })
  }

  static async live(url: string, headers: Record<string, string> = {}): Promise<StreamClient> {
    const client = await StreamClient.open(url, headers)
    await eventually(() => client.text.includes('event: caught-up\n'))
    return client
  }

  /** All events, or those with this name; events of the event log are `message`. */
  events(name?: string): ServerSentEvent[] {
    const all = this.text
      .split('\n\n')
      .slice(0, -1)
      .flatMap((block) => parse(block) ?? [])
    return name === undefined ? all : all.filter((event) => event.name === name)
  }

  ids(): unknown[] {
    return this.events('message').map(({ data }) => data.id)
  }
}

/** Undefined for a comment, and for a block that only sets the time of the next try. */
function parse(block: string): ServerSentEvent | undefined {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
  const data = field('data')
  return data === undefined ? undefined : { name: field('event') ?? 'message', id: field('id') ?? null, data: JSON.parse(data) }
}
