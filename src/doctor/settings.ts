import { type Finding, fail, ok, warn } from './finding.ts'

export interface SettingsFacts {
  /** What is wrong with the settings, in the words of `config check`. */
  readonly faults: readonly string[]
  /** Variables of the environment that no setting reads, with the name that was probably meant. */
  readonly nearMisses: readonly { readonly variable: string; readonly meant: string }[]
  /** Settings that are set and have no effect yet. */
  readonly later: readonly string[]
  /** The bridge in a few words, when its settings are usable. */
  readonly summary: string | undefined
}

const NOT_EXAMINED = 'nothing else was examined: it depends on the settings'

export function examineSettings({ faults, nearMisses, later, summary }: SettingsFacts): Finding[] {
  const slips = nearMisses.map(({ variable, meant }) =>
    warn(`${variable} in the environment is no setting and has no effect`, `did you mean ${meant}? Otherwise leave it`),
  )
  if (summary === undefined) return [...faults.map((fault) => fail(fault, NOT_EXAMINED)), ...slips]
  const early = later.map((name) => warn(`${name} has no effect in this version`, 'leave it out, or wait for the version that has it'))
  return [ok(summary), ...slips, ...early]
}
