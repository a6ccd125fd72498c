import { createRequire } from 'node:module'

interface Runner {
  readonly running: boolean
  fetch(nodeId: string): Promise<unknown[]>
}

/**
 * Ends the fetchers of a group member of kafkajs 2.2.4 that has stopped. It may run many times. As it comes, a member that stops
 * in the moment in which its fetchers are made anew, since a broker has come or gone, leaves fetchers behind that nobody ends:
 * each asks a member that does not run any more, gets nothing at once, and asks again, for ever and without a turn of the event
 * loop in between. The whole process stands still then, at full load, until it is killed.
 */
export function patchRunner(): void {
  const require = createRequire(import.meta.url)
  const { prototype } = require('kafkajs/src/consumer/runner') as { prototype: Runner }
  const { KafkaJSError } = require('kafkajs/src/errors') as { KafkaJSError: new (message: string) => Error }
  const { fetch } = prototype
  if (fetch.name === fetchWhileRunning.name) return

  async function fetchWhileRunning(this: Runner, nodeId: string): Promise<unknown[]> {
    if (!this.running) throw new KafkaJSError('the consumer has stopped') // may be tried again, which is where kafkajs sees that it has
    return fetch.call(this, nodeId)
  }

  prototype.fetch = fetchWhileRunning
}
