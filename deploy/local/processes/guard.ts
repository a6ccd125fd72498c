import { spawn } from 'node:child_process'

/**
 * A shell that outlives us. It reads one instruction per line. When its input ends without `bye`, we died without cleaning
 * up (SIGKILL, out of memory): it ends our processes and removes our directories. SIGQUIT first, because Postgres takes it as
 * "immediate shutdown" and releases its shared memory; a frozen broker needs the SIGKILL.
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

/** Ensures that our processes and directories do not outlive us, however we end. */
export interface Guard {
  watch(pid: number): void
  /** Call this as soon as the process has ended: another process may get its id. */
  forget(pid: number): void
  removeAtEnd(directory: string): void
  /** Ends the guard after everything was cleaned up. */
  release(): void
}

/** Starts a guard: one sleeping shell in a session of its own, so that Ctrl-C in the terminal does not reach it. */
export function startGuard(): Guard {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  shell.on('error', () => {}) // without a shell nothing cleans up after a SIGKILL; every orderly end still works
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
