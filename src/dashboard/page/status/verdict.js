import { ageText, count } from '../dom/format.js'

/** A clock that differs more than this is worth a word: bans and ages depend on it. */
const CLOCK_MS = 5000

/** Whether the bridge is well, in one sentence, and why not. `health` is `good`, `warn` or `bad`. */
export function verdictOf(status) {
  const failing = status.parts.filter(({ ready, isSettling }) => !ready && !isSettling)
  const remarks = remarksOn(status)
  const reasons = [...failing.map(partReason), ...remarks]
  if (!status.ready)
    return { health: 'bad', title: `Not ready: ${count(failing.length, 'part', 'parts')} of ${status.parts.length}`, reasons }
  if (remarks.length > 0) return { health: 'warn', title: `Running, with ${count(remarks.length, 'remark', 'remarks')}`, reasons }
  return { health: 'good', title: 'All is well', reasons }
}

function partReason({ part, reason }) {
  return { subject: part, text: reason ?? 'not ready' }
}

function remarksOn({ parts, peers, database, kafka, instances, version }) {
  const remarks = parts.filter(({ ready, isSettling }) => !ready && isSettling).map(partReason)
  if (database && !database.isUp)
    remarks.push({ subject: 'database', text: 'away, or it takes no changes: bans stay as they are, and commands wait' })
  if (peers?.total === 0) remarks.push({ subject: 'peers', text: 'none is connected: nothing is heard from the network, and nothing said' })
  const aheadMs = kafka?.clockAheadMs ?? 0
  if (Math.abs(aheadMs) > CLOCK_MS)
    remarks.push({
      subject: 'clock',
      text: `this host is ${ageText(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} the brokers`,
    })
  const others = new Set(instances.map((instance) => instance.version).filter((each) => each !== version))
  if (others.size > 0) remarks.push({ subject: 'versions', text: `instances run ${[...others].join(', ')} beside ${version}` })
  return remarks
}
