/** One thing that is wrong with the settings, as a sentence that names the setting, its value and what would be right. */
export interface Fault {
  /** Those that have a part in it; the first one is named in the message. */
  readonly settings: readonly string[]
  readonly message: string
}

/** The settings as a whole are not usable. Carries every fault, so that they are mended in one go. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly code = 'BRIDGE_SETTINGS'
  /** EX_CONFIG of sysexits.h: supervisors need not restart what cannot start. */
  readonly exitCode = 78
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    const head = faults.length === 1 ? 'The settings have a fault:' : `The settings have ${faults.length} faults:`
    super([head, ...faults.map((fault) => `  ${fault.message}`)].join('\n'))
    this.faults = faults
  }
}
