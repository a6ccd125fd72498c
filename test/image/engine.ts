import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGuard } from '../../deploy/local/processes/guard.ts'
import { lastLines, startServerProcess } from '../../deploy/local/processes/server-process.ts'
import { canInstall, installPackages } from '../../deploy/local/programs/apt.ts'
import { type CommandResult, runCommand } from '../../deploy/local/programs/command.ts'
import { eventually } from '../support/eventually.ts'

/** A Docker engine of our own: no bridge, no firewall rules, no port, and all its data in a temporary folder. */
export interface Engine {
  /** Runs `docker` against this engine. Never rejects. */
  docker(args: string[], timeoutMs?: number): Promise<CommandResult>
  stop(): Promise<void>
}

/** Why no engine can be started here; undefined where it can. */
export function whyNoEngine(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'a Docker engine of our own needs root on Linux'
  if (!canInstall()) return 'the base of the image is made from Debian packages, which this system does not have'
  return undefined
}

export async function startEngine(say: (line: string) => void): Promise<Engine> {
  const there = await Promise.all(['dockerd', 'docker', 'debootstrap'].map(isThere))
  if (there.includes(false)) {
    const packages = ['docker.io', 'docker-cli|docker.io', 'debootstrap']
    await installPackages({ what: 'A Docker engine, or debootstrap,', why: 'the test of the image', packages }, { say })
  }
  const directory = await mkdtemp(join(tmpdir(), 'gossip-bridge-docker-'))
  const guard = startGuard()
  const socket = `unix://${directory}/docker.sock`
  const logFile = join(directory, 'dockerd.log')
  const folders = ['--data-root', `${directory}/data`, '--exec-root', `${directory}/exec`, '--pidfile', `${directory}/pid`]
  const alone = ['--iptables=false', '--ip6tables=false', '--bridge=none', '--ip-forward=false', '--storage-driver', 'overlay2']
  const engine = await startServerProcess({ command: 'dockerd', args: [...folders, ...alone, '-H', socket], logFile }, { guard })
  const docker = (args: string[], timeoutMs = 60_000) =>
    runCommand('docker', ['-H', socket, ...args], { timeoutMs, env: { DOCKER_BUILDKIT: '0' } })
  const stop = async () => {
    await engine.end('SIGTERM', 30_000)
    await runCommand('umount', [join(directory, 'exec/netns/default')], { timeoutMs: 10_000 }) // dockerd leaves it mounted
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
    guard.release()
  }
  try {
    await eventually(
      async () => {
        if (engine.hasEnded()) throw new Error(`dockerd has ended:\n${lastLines(logFile, 10)}`)
        const { code, stderr } = await docker(['version'])
        if (code !== 0) throw new Error(stderr)
        return true
      },
      { timeoutMs: 60_000, intervalMs: 300 },
    )
  } catch (error) {
    await stop()
    throw error
  }
  return { docker, stop }
}

async function isThere(program: string): Promise<boolean> {
  return (await runCommand(program, ['--version'], { timeoutMs: 20_000 })).code === 0
}
