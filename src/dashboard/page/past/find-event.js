import { replay } from './replay.js'

/** Events of one millisecond that are read before the one that is looked for. */
const MOST = 2000

/** Looks for one event in the event log, from the time at which it was written. Resolves to its message, or to why there is none. */
export async function findEvent({ access, id, at, signal }) {
  let found = null
  const onEvent = (frame) => {
    if (frame.id === id) found = frame
    return found === null && frame.data.loggedAt <= at
  }
  const { failure } = await replay({ access, ask: { since: at }, most: MOST, signal, onEvent })
  return { frame: found, failure: found ? '' : failure }
}
