import { Counter, Gauge, type Registry } from 'prom-client'

/** Metrics of the ban list and its outbox. */
export function createBansMetrics(registry: Registry) {
  const registers = [registry]
  return {
    entries: new Gauge({ name: 'bridge_ban_entries', help: 'Entries of the ban list in memory', registers }),
    changes: new Counter({
      name: 'bridge_ban_changes_total',
      help: 'Changes of the ban list that this instance applied, by action',
      labelNames: ['action'] as const,
      registers,
    }),
    commands: new Counter({
      name: 'bridge_ban_commands_total',
      help: 'Commands for the ban list that came to this instance, by door and by what became of them',
      labelNames: ['door', 'outcome'] as const,
      registers,
    }),
    storeUp: new Gauge({
      name: 'bridge_ban_store_up',
      help: '1 while the ban list follows its store, and the store takes changes; at 0 the last known bans stay in force',
      registers,
    }),
    published: new Counter({
      name: 'bridge_ban_published_total',
      help: 'Changes of the ban list that this instance wrote to the event log and to the topic of current bans',
      registers,
    }),
    publishErrors: new Counter({
      name: 'bridge_ban_publish_errors_total',
      help: 'Failed attempts to empty the outbox of the ban list; each is tried again',
      registers,
    }),
  }
}

export type BansMetrics = ReturnType<typeof createBansMetrics>
