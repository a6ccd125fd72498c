import { readFileSync } from 'node:fs'

/** Linux counts CPU time in hundredths of a second for programs, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100
const AFTER_NAME = 2
const USER_TICKS = 14 - AFTER_NAME - 1
const SYSTEM_TICKS = USER_TICKS + 1

/** CPU seconds that a process has used since it began, in user and kernel. */
export function cpuSeconds(pid: number): number {
  return cpuSecondsIn(`/proc/${pid}/stat`)
}

/** The same for the first thread alone, which in Node.js runs JavaScript. */
export function mainThreadSeconds(pid: number): number {
  return cpuSecondsIn(`/proc/${pid}/task/${pid}/stat`)
}

function cpuSecondsIn(file: string): number {
  const stat = readFileSync(file, 'utf8')
  // The name may contain spaces, so the fields are counted from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND
}

/** Memory of a process that is in RAM, in MB. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes = Number.NaN] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}
