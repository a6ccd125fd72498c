import type { Fault } from '../harness/fault.ts'
import { BROKER_FAULTS } from './broker-faults.ts'
import { INPUT_FAULTS } from './input-faults.ts'
import { INSTANCE_FAULTS } from './instance-faults.ts'
import { NETWORK_FAULTS } from './network-faults.ts'

export const ALL_FAULTS: readonly Fault[] = [...BROKER_FAULTS, ...INSTANCE_FAULTS, ...NETWORK_FAULTS, ...INPUT_FAULTS]

/** The fault of that name. Throws with the existing names. */
export function faultNamed(name: string): Fault {
  const found = ALL_FAULTS.find((fault) => fault.name === name)
  if (!found) throw new Error(`there is no fault "${name}"; there are:\n${ALL_FAULTS.map((fault) => `  ${fault.name}`).join('\n')}`)
  return found
}
