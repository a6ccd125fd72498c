import { frameOf } from '../data/frame.js'

/** A search that finds nothing for long hears nothing meanwhile. */
const SILENCE_MS = 120_000
/** The close code with a sentence for people as its reason: too many read history, or it cannot be read. */
const TRY_LATER = 1013

/**
 * Reads a part of the event log over a connection of its own, by the protocol of the live feed. `ask` is the subscription, `most` the
 * number of events after which it ends. Resolves to `{ isAtEnd, failure }`: `isAtEnd` says that there is nothing after
 * it, `failure` is a sentence when the server or the network ended it. `onEvent(frame)` may return false to end it, and an aborted signal
 * ends it too. `onGap(frame)`: events are missing here.
 */
export function replay({ access, ask, most, signal, onEvent = () => true, onGap = () => {} }) {
  return new Promise((resolve) => {
    const socket = access.open()
    let count = 0
    let silence = 0
    const end = (result) => {
      clearTimeout(silence)
      signal?.removeEventListener('abort', aborted)
      socket.onmessage = socket.onclose = null
      socket.close()
      resolve({ isAtEnd: false, failure: '', ...result })
    }
    const aborted = () => end({})
    const listen = () => {
      clearTimeout(silence)
      silence = setTimeout(() => end({ failure: 'The bridge has not answered for two minutes.' }), SILENCE_MS)
    }
    socket.onmessage = ({ data }) => {
      listen()
      const frame = frameOf(data)
      if (frame.type === 'hello') socket.send(JSON.stringify({ type: 'subscribe', ...ask }))
      if (frame.type === 'caught-up') end({ isAtEnd: true })
      if (frame.type === 'gap') onGap(frame)
      if (frame.type !== 'event') return
      count += 1
      if (onEvent(frame) === false || count >= most) end({})
    }
    socket.onclose = ({ code, reason }) => end({ failure: code === TRY_LATER ? reason : 'The connection to the bridge broke.' })
    signal?.addEventListener('abort', aborted)
    listen()
  })
}
