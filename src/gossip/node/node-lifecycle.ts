import type { Logger } from 'pino'
import { DeadlineError, withDeadline } from '../../lifecycle/time.ts'
import { GossipStartError } from '../errors.ts'
import type { GossipNode } from './node.ts'

const advice: Record<string, string> = {
  EADDRINUSE: 'another process has this port; end it or set p2p_port to another one',
  EADDRNOTAVAIL: 'this machine does not have such an address; correct p2p_listen_addresses',
  EACCES: 'this user may not use this port; set p2p_port to one above 1023',
}

/** Starts a node. A failure becomes one sentence that names the address and what to do. */
export async function startNode(node: GossipNode, { addresses, port }: { addresses: readonly string[]; port: number }): Promise<void> {
  try {
    await node.start()
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause)
    const [code] = Object.keys(advice).filter((word) => text.includes(word))
    const why = code === undefined ? text.replaceAll(/\s+/g, ' ').trim() : advice[code]
    throw new GossipStartError(`the gossip host cannot listen on ${addresses.join(', ')} port ${port}: ${why}`, { cause })
  }
}

/**
 * Stops a node in bounded time. libp2p waits for a clean close that a frozen peer never completes, so the connections are aborted at
 * the deadline.
 */
export async function stopInTime(
  node: GossipNode,
  { timeoutMs, before }: { timeoutMs: number; before: Promise<unknown> },
  log: Logger,
): Promise<void> {
  const stopped = before.then(() => node.stop())
  if (await endsWithin(timeoutMs, stopped, log)) return
  const connections = node.getConnections()
  log.warn({ connections: connections.length, timeoutMs }, 'libp2p did not stop in time, aborting its connections')
  for (const connection of connections) connection.abort(new Error('the host stops'))
  await endsWithin(1000, stopped, log)
}

async function endsWithin(timeoutMs: number, work: Promise<void>, log: Logger): Promise<boolean> {
  try {
    await withDeadline(work, timeoutMs, 'stopping libp2p')
  } catch (error) {
    if (error instanceof DeadlineError) return false
    log.warn({ err: error }, 'libp2p failed while stopping')
  }
  return true
}
