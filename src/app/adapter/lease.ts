import type { AdapterLease } from '../../adapters/ports.ts'
import type { GroupConsumer } from '../../kafka/group/group-consumer.ts'
import type { Listeners } from '../../lifecycle/listeners.ts'

/** The lease is partition 0 of the topic that the adapter writes, assigned by its group; what is remembered is the offset's metadata. */
export function leaseOf(group: GroupConsumer, topic: string, assignments: Listeners): AdapterLease {
  const isAssigned = () => group.assigned().get(topic)?.includes(0) ?? false
  return {
    isHeld: () => isAssigned() && group.isCurrent(),
    onChange: (listener) => assignments.add(listener),
    recall: async () => (await group.committed(topic, 0))?.metadata ?? '',
    remember: (metadata) => group.commit({ topic, partition: 0, next: 0n, metadata }),
  }
}
