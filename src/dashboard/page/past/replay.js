import { frameOf, SUBPROTOCOL } from '../data/frame.js'

/** The server sends something at least every 10 s. */
const SILENCE_MS = 25_000

/**
 * Reads a part of the event log over a connection of its own, by the protocol of the live feed. `ask` is the subscription, `most` the
 * number of events after which it ends. Resolves to `{ frames, cursor, isAtEnd, failure }`: `isAtEnd` says that there is nothing after
 * it, `failure` is a sentence when the server or the network ended it. `onEvent(frame, count)` may return false to end it, and an aborted
 * signal ends it too.
 */
export function replay({ url, ask, most, signal, onEvent = () => true }) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, SUBPROTOCOL)
    const frames = []
    let cursor = null
    let silence = 0
    const end = (result) => {
      clearTimeout(silence)
      signal?.removeEventListener('abort', aborted)
      socket.onmessage = socket.onclose = null
      socket.close()
      resolve({ frames, cursor, isAtEnd: false, failure: '', ...result })
    }
    const aborted = () => end({})
    const listen = () => {
      clearTimeout(silence)
      silence = setTimeout(() => end({ failure: 'The bridge does not answer.' }), SILENCE_MS)
    }
    socket.onmessage = ({ data }) => {
      listen()
      const frame = frameOf(data)
      if (frame.type === 'hello') socket.send(JSON.stringify({ type: 'subscribe', ...ask }))
      if (frame.type === 'caught-up') end({ isAtEnd: true })
      if (frame.type !== 'event') return
      cursor = frame.cursor
      frames.push(frame)
      if (onEvent(frame, frames.length) === false || frames.length >= most) end({})
    }
    socket.onclose = ({ reason }) => end({ failure: reason || 'The connection to the bridge broke.' })
    signal?.addEventListener('abort', aborted)
    listen()
  })
}
