import type { Broker } from 'kafkajs'

/** Members that kafkajs 2.2.4 has but does not declare. */
interface VersionedBroker extends Broker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number } | undefined>> | null
}

/** The newest version of a request that a connected broker speaks. Undefined for a request that it does not know. */
export function newestVersion(broker: Broker, apiKey: number): number | undefined {
  return (broker as VersionedBroker).versions?.[apiKey]?.maxVersion
}
