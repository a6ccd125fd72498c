import type { Command } from 'commander'
import { printableJson } from '../../config/printable.ts'
import { nearMisses } from '../../config/reading/near-misses.ts'
import type { SettingsReading } from '../../config/reading/read-settings.ts'
import { withoutServiceLinks } from '../../config/reading/service-links.ts'
import { SettingsError } from '../../config/settings-error.ts'
import { examine } from '../../doctor/examine.ts'
import { type AreaFinding, type Finding, severityOf } from '../../doctor/finding.ts'
import { reportLines } from '../../doctor/report.ts'
import { examineSettings } from '../../doctor/settings.ts'
import type { CliContext } from '../context.ts'
import { wantedTopics } from '../topics/wanted-topics.ts'

/** `gossip-bridge doctor`: looks at everything that the bridge needs, and changes nothing. */
export function addDoctorCommand(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('Look at settings, Kafka, Postgres, keys, ports, peers; exit code 0 if all is well, 1 for warnings, 2 for failures')
    .option('--json', 'print the findings as JSON')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const findings = await allFindings(command, context)
      if (json) context.print(printableJson(JSON.stringify({ severity: severityOf(findings), findings })))
      else for (const line of reportLines(findings)) context.print(line)
      context.setExitCode(severityOf(findings))
    })
}

async function allFindings(command: Command, context: CliContext): Promise<AreaFinding[]> {
  const slips = nearMisses(withoutServiceLinks(context.host.environment))
  const inSettings = (findings: readonly Finding[]) => findings.map((finding) => ({ area: 'settings' as const, ...finding }))
  let reading: SettingsReading
  try {
    reading = context.readSettings(command)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    const faults = error.faults.map(({ message }) => message)
    return inSettings(examineSettings({ faults, nearMisses: slips, later: [], summary: undefined }))
  }
  const { settings, later } = reading
  const summary = `the settings are fine: bridge ${settings.bridge_id} on ${settings.network}, roles ${settings.roles.join(', ')}`
  const { doctorProbes } = await import('../../app/doctor/probes.ts')
  const { host } = context
  const probes = doctorProbes(settings, {
    log: context.log(settings),
    wanted: wantedTopics(settings),
    nodeVersion: host.nodeVersion,
    readFile: host.readFile,
  })
  const interrupted = new AbortController()
  const undo = host.onSignal((signal) => interrupted.abort(new Error(`interrupted by ${signal}`)))
  try {
    const findings = await examine(probes, interrupted.signal)
    return [...inSettings(examineSettings({ faults: [], nearMisses: slips, later, summary })), ...findings]
  } finally {
    undo()
  }
}
