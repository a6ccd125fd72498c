import { environmentName } from '../setting.ts'
import { SETTING_NAMES, SETTINGS } from '../settings.ts'

/** A variable of the environment that no setting reads, and the variable that was probably meant. */
export interface NearMiss {
  readonly variable: string
  readonly meant: string
}

/** Longer names bear two slips. */
const LONG_NAME = 10
const CONFIG_FILE = 'GOSSIP_BRIDGE_CONFIG'

/** The names that settings read in the environment: those in capitals. */
const KNOWN = [
  CONFIG_FILE,
  'TERANODE_SETTINGS',
  ...SETTING_NAMES.flatMap((name) => [environmentName(name), ...(SETTINGS[name].secret ? [`${environmentName(name)}_FILE`] : [])]),
]
/** The spellings that are read too: the name as in the file. */
const READ = new Set<string>([...KNOWN, ...SETTING_NAMES, ...SETTING_NAMES.map((name) => `${name}_FILE`)])

/**
 * The set variables whose names differ from one of ours by one slip, or by two if the name is long: a character too few, too many or
 * another one, two exchanged, dashes, another case. Nothing else would ever say that such a variable has no effect.
 */
export function nearMisses(environment: Readonly<Record<string, string | undefined>>): NearMiss[] {
  return Object.entries(environment).flatMap(([variable, value]) => {
    const meant = value === undefined || READ.has(variable) ? undefined : nearest(variable.toUpperCase().replaceAll('-', '_'))
    return meant === undefined ? [] : [{ variable, meant }]
  })
}

function nearest(name: string): string | undefined {
  const limit = name.length < LONG_NAME ? 1 : 2
  let best: { meant: string; slips: number } | undefined
  for (const meant of KNOWN) {
    if (Math.abs(meant.length - name.length) > limit) continue
    const slips = slipsBetween(name, meant)
    if (slips <= limit && slips < (best?.slips ?? limit + 1)) best = { meant, slips }
  }
  return best?.meant
}

/** The edit distance of two texts in which exchanging two neighbours counts once (optimal string alignment). */
function slipsBetween(one: string, other: string): number {
  let before: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let row = 1; row <= one.length; row++) {
    const line = [row]
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1]
      const replaced = (last[column - 1] ?? 0) + (isSame ? 0 : 1)
      const isSwap = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      const swapped = isSwap ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
      line.push(Math.min(replaced, swapped, (last[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1))
    }
    before = last
    last = line
  }
  return last[other.length] ?? 0
}
