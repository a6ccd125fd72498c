import { connect } from 'node:net'

/**
 * What a listener says to the first words of libp2p. `multistream`: it is a host of a public network. `cipher`: it answers with bytes that
 * are no text, as a host of a private network does, whose first bytes are a random nonce. `text`: it speaks another protocol. `closed`: it
 * ended the connection. `mute`: it said nothing in time.
 */
export type FirstWords = 'multistream' | 'cipher' | 'text' | 'closed' | 'mute'

const GREETING = Buffer.from('\x13/multistream/1.0.0\n')
const OFFER = Buffer.from('\x07/noise\n')
const PRINTABLE = /^[\x20-\x7e\r\n\t]+$/

/** Sends the greeting of multistream-select and reads the first bytes of the answer. */
export function firstWords({ host, port }: { host: string; port: number }, timeoutMs: number): Promise<FirstWords> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => socket.write(Buffer.concat([GREETING, OFFER])))
    let heard = Buffer.alloc(0)
    const end = (words: FirstWords) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(words)
    }
    const timer = setTimeout(() => end(heard.length > 0 ? meaningOf(heard) : 'mute'), timeoutMs)
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes])
      if (heard.length >= GREETING.length) end(meaningOf(heard))
    })
    socket.once('close', () => end(heard.length > 0 ? meaningOf(heard) : 'closed'))
    socket.once('error', () => {}) // 'close' follows
  })
}

function meaningOf(heard: Buffer): FirstWords {
  if (heard.subarray(0, GREETING.length).equals(GREETING)) return 'multistream'
  return PRINTABLE.test(heard.toString('latin1')) ? 'text' : 'cipher'
}
