import type { Settings } from '../../config/settings.ts'
import type { Probe } from '../../doctor/examine.ts'
import { databaseProbes } from './database.ts'
import type { DoctorDeps } from './doctor-deps.ts'
import { hostProbes } from './host.ts'
import { kafkaProbes } from './kafka.ts'
import { peerProbes } from './peers.ts'
import { registryProbes } from './registry.ts'

/** Everything that `gossip-bridge doctor` looks at, as these settings require it. */
export function doctorProbes(settings: Settings, deps: DoctorDeps): Probe[] {
  return [
    ...hostProbes(settings, deps),
    ...kafkaProbes(settings, deps),
    ...databaseProbes(settings, deps),
    ...registryProbes(settings),
    ...peerProbes(settings),
  ]
}
