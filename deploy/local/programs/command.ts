import { spawn } from 'node:child_process'

export interface CommandResult {
  /** The exit code; null when the command could not be started, or a signal or its deadline ended it. */
  code: number | null
  stdout: string
  stderr: string
}

export interface CommandOptions {
  timeoutMs: number
  cwd?: string
  env?: Record<string, string>
  input?: string
  uid?: number
  gid?: number
  /** Called with each line of output at once, for progress. */
  onLine?: (line: string) => void
}

/**
 * Runs a command to its end and returns its output. It never rejects: a missing program is `code: null` with the reason in
 * `stderr`. Past its deadline the command is killed.
 */
export function runCommand(command: string, args: string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: 'pipe',
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      for (const line of text.split('\n')) if (line.trim() !== '') options.onLine?.(line.trimEnd())
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', (error) => resolve({ code: null, stdout, stderr: `${stderr}${error.message}` }))
    child.on('close', (code) => resolve({ code, stdout, stderr }))
    child.stdin.on('error', () => {}) // the command may end without reading its input
    child.stdin.end(options.input ?? '')
  })
}
