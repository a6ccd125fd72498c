import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../../../deploy/local/processes/free-ports.ts'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'
import { unpackedPackages } from '../../support/stack/debian-packages.ts'

/** Debian's PgBouncer, and libraries of it that may be missing. */
const PACKAGES = ['pgbouncer', 'libc-ares2', 'libevent-2.1-7'] as const

/** Starts PgBouncer on the loopback before the server of a connection string, until the end of the test. Returns the string that leads through it. */
export async function startPgBouncer(database: string, mode: 'session' | 'transaction'): Promise<string> {
  const root = await unpackedPackages(PACKAGES)
  const [port = 0] = await freePorts(1)
  const url = new URL(database)
  const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'))
  onEnd(() => rm(folder, { recursive: true, force: true }))
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  await writeFile(join(folder, 'users.txt'), `"${user}" "${password}"\n`, { mode: 0o644 })
  await writeFile(join(folder, 'pgbouncer.ini'), settings({ url, port, mode, folder }), { mode: 0o644 })
  await runCommand('chmod', ['755', folder], { timeoutMs: 5000 })
  const asNobody = process.getuid?.() === 0 ? ['-u', 'nobody'] : [] // it refuses to run as root
  const child = spawn(join(root, 'usr/sbin/pgbouncer'), [...asNobody, join(folder, 'pgbouncer.ini')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LD_LIBRARY_PATH: join(root, 'usr/lib', libraryFolder()) },
  })
  let said = ''
  child.stderr.on('data', (data) => (said = `${said}${data}`.slice(-4000)))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  onEnd(async () => {
    child.kill('SIGKILL')
    await ended
  })
  await eventually(() => isListening(port), { timeoutMs: 10_000 }).catch((cause: unknown) => {
    throw new Error(`PgBouncer does not listen:\n${said}`, { cause })
  })
  url.host = `127.0.0.1:${port}`
  return url.href
}

function settings({ url, port, mode, folder }: { url: URL; port: number; mode: string; folder: string }): string {
  return `[databases]
* = host=${url.hostname} port=${url.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users.txt')}
pool_mode = ${mode}
default_pool_size = 20
`
}

/** Debian's name for the folder of this architecture. */
function libraryFolder(): string {
  return process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
}

function isListening(port: number): Promise<true> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
