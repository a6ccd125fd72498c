import { readdirSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'

/** The activity of this process: handles and requests of the event loop by kind, and living child processes by process id. */
export interface Snapshot {
  resources: Map<string, number>
  children: Map<number, string>
}

/** Takes a snapshot of the process now. Unreferenced timers and sockets do not count: they do not keep the process alive. */
export function takeSnapshot(): Snapshot {
  const resources = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) resources.set(kind, (resources.get(kind) ?? 0) + 1)
  return { resources, children: childProcesses() }
}

/** One line for each leftover: a resource or child that exists now and did not before. Empty when all was cleaned up. */
export function leftovers(before: Snapshot, now: Snapshot): string[] {
  const lines: string[] = []
  for (const [kind, count] of now.resources) {
    const more = count - (before.resources.get(kind) ?? 0)
    const hint = kind === 'TCPSocketWrap' ? openConnections() : HINTS[kind]
    if (more > 0) lines.push(`${more} ${kind}${hint ? ` (${hint})` : ''}`)
  }
  for (const [pid, command] of now.children) if (!before.children.has(pid)) lines.push(`child process ${pid}: ${command}`)
  return lines
}

const HINTS: Record<string, string> = {
  TCPServerWrap: 'a server that still listens',
  Timeout: 'a timer that nobody cleared',
  PipeWrap: 'a pipe, often the input or output of a child process',
  ProcessWrap: 'a child process',
  FSEventWrap: 'a file watcher',
}

/** Where all connections of this process lead to: among them is the one that is left. */
function openConnections(): string {
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): unknown[] }
  const sockets = handles().filter((handle) => handle instanceof Socket)
  return `an open connection, of those to ${sockets.map(({ remotePort, localPort }) => `port ${remotePort} from ${localPort}`).join(', ')}`
}

/** The living children of all threads of this process. Only Linux lists them; elsewhere the count of ProcessWrap has to do. */
function childProcesses(): Map<number, string> {
  const children = new Map<number, string>()
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      for (const pid of readFileSync(`/proc/self/task/${thread}/children`, 'utf8').trim().split(' ')) {
        const command = pid === '' ? undefined : commandOf(pid)
        if (command !== undefined) children.set(Number(pid), command)
      }
    }
  } catch {
    // no /proc on this system
  }
  return children
}

function commandOf(pid: string): string | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return command === '' ? undefined : command.slice(0, 160) // a zombie has no command line: it has ended
  } catch {
    return undefined
  }
}
