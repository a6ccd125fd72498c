import type { MessageStream } from '@libp2p/interface'

/** An honest peer proposes a handful of protocols; and a connection needs some ten messages, handshake included, until it is there. */
export const MAX_ANSWERS = 64

export interface AnswerBoundsDeps {
  /** Whether the two have agreed on a protocol: no bound any more. */
  readonly isAgreed: () => boolean
  readonly onRefused: () => void
}

/**
 * Bounds how often we answer a peer that proposes protocols, on a connection or a stream. Unpatched, @libp2p/multistream-select 7 answers each
 * line with "na", without end, and all that has arrived in one turn of the event loop: some 30,000 lines.
 */
export function boundAnswers(stream: Pick<MessageStream, 'send' | 'abort'>, { isAgreed, onRefused }: AnswerBoundsDeps): void {
  const { send } = stream
  let answers = 0
  stream.send = (data) => {
    if (isAgreed()) {
      stream.send = send
      return send.call(stream, data)
    }
    answers += 1
    if (answers <= MAX_ANSWERS) return send.call(stream, data)
    onRefused()
    const error = new Error(`no protocol agreed on after ${MAX_ANSWERS} answers`)
    stream.abort(error)
    throw error
  }
}
