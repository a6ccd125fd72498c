import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createSchemaRegistry } from '../../../src/health/schema-registry.ts'
import type { SchemaVersion } from '../../../src/messages/codec/schemas.ts'
import type { ValueRole } from '../../../src/messages/topics.ts'

/** A schema registry on a loopback port that has these schemas under their ids. */
export async function startRegistry(
  topics: Readonly<Record<ValueRole, string>>,
  schemas: readonly SchemaVersion[],
): Promise<{ readonly url: string; stop(): void }> {
  const handle = createSchemaRegistry({ prefix: '/schema-registry', topics }, { schemas: [...schemas] })
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const answer = handle({ method: request.method ?? 'GET', path: request.url ?? '/', body })
      response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/schema-registry`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
