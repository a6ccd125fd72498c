import { spawn } from 'node:child_process'

/**
 * A shell that outlives us. It reads one instruction per line; when its input ends without `bye`, we died without cleaning
 * up (SIGKILL, out of memory), and it ends what we had started and removes what we had written. SIGQUIT first, because
 * Postgres takes it as "immediate shutdown" and gives its shared memory back; a frozen broker needs the SIGKILL.
 */
const SCRIPT = `
pids=''; dirs=''
while read -r verb what; do
  case $verb in
    watch) pids="$pids $what" ;;
    forget) left=''; for pid in $pids; do [ "$pid" = "$what" ] || left="$left $pid"; done; pids=$left ;;
    remove) dirs="$dirs $what" ;;
    bye) exit 0 ;;
  esac
done
if [ -n "$pids" ]; then kill -QUIT $pids; sleep 1; kill -KILL $pids; fi
for dir in $dirs; do rm -rf "$dir"; done
`

/** Sees to it that processes and directories of ours do not outlive us, however we end. */
export interface Guard {
  watch(pid: number): void
  /** Call this as soon as the process has ended: its number may be given to another one. */
  forget(pid: number): void
  removeAtEnd(directory: string): void
  /** All was cleaned up in order: nothing to do any more. */
  release(): void
}

/** Starts a guard: one sleeping shell in a session of its own, so that Ctrl-C in the terminal does not reach it. */
export function startGuard(): Guard {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  shell.on('error', () => {}) // without a shell nothing guards us against SIGKILL; every orderly end still works
  shell.stdin.on('error', () => {})
  shell.unref()
  const tell = (line: string) => shell.stdin.write(`${line}\n`)
  return {
    watch: (pid) => tell(`watch ${pid}`),
    forget: (pid) => tell(`forget ${pid}`),
    removeAtEnd: (directory) => tell(`remove ${directory}`),
    release: () => {
      tell('bye')
      shell.stdin.end()
    },
  }
}
