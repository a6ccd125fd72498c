import type { Connection } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { createPeerAddressStream } from '../../../../src/gossip/discovery/peer-address-stream.ts'
import { eventually } from '../../../support/eventually.ts'

/** A neighbour that takes the request and never answers. */
function muteNeighbour() {
  const aborted: string[] = []
  const stream = Object.assign(new EventTarget(), {
    remoteWriteStatus: 'writable',
    readBufferLength: 0,
    send: () => true,
    close: async () => {},
    abort: (error: Error) => void aborted.push(error.message),
  })
  return { aborted, connection: { newStream: async () => stream } as unknown as Connection }
}

const deps = {
  node: { handle: async () => {} },
  addressesOf: async () => [],
  onReceived() {},
  now: () => 0,
}

test('the stream to a neighbour that never answers is ended at the deadline', async () => {
  const { connection, aborted } = muteNeighbour()
  const stream = createPeerAddressStream({ timeoutMs: 20 }, deps)
  await expect(stream.ask(connection, 'somebody', new AbortController().signal)).rejects.toThrow('took longer than 20 ms')
  await eventually(() => expect(aborted).toEqual(['asking for addresses failed']))
})

test('and when the host stops', async () => {
  const { connection, aborted } = muteNeighbour()
  const stopping = new AbortController()
  const asked = createPeerAddressStream({ timeoutMs: 60_000 }, deps).ask(connection, 'somebody', stopping.signal)
  stopping.abort(new Error('the host stops'))
  await expect(asked).rejects.toThrow('the host stops')
  await eventually(() => expect(aborted).toEqual(['asking for addresses failed']))
})
