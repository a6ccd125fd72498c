/** One fault in the settings, as a sentence with the setting, its value and the right form. */
export interface Fault {
  /** The settings involved; the message names the first one. */
  readonly settings: readonly string[]
  readonly message: string
}

/** The settings have faults. Carries all of them, so that an operator can correct them at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly code = 'BRIDGE_SETTINGS'
  /** EX_CONFIG of sysexits.h: a restart with the same settings fails again, so supervisors need not try. */
  readonly exitCode = 78
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    const head = faults.length === 1 ? 'The settings have a fault:' : `The settings have ${faults.length} faults:`
    super([head, ...faults.map((fault) => `  ${fault.message}`)].join('\n'))
    this.faults = faults
  }
}
