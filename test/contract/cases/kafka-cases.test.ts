import { startKafka } from '../../../deploy/local/kafka/kafka.ts'
import { onEnd } from '../../support/on-end.ts'
import { connectCluster } from './cluster.ts'
import { cliReader } from './readers/cli-reader.ts'
import { groupReader } from './readers/group-reader.ts'
import { randomReader } from './readers/random-reader.ts'
import { tailReader } from './readers/tail-reader.ts'
import { runTable } from './run-table.ts'
import { COMPACTION } from './tables/compaction.ts'
import { RECORDS } from './tables/records.ts'
import { TOPIC_CHANGES } from './tables/topic-changes.ts'
import { TRANSACTIONS } from './tables/transactions.ts'

/** Defaults are 15 s, 5 minutes and 30 s: how long the tests would wait for cleaned and expired records. */
const QUICK = { 'log.cleaner.backoff.ms': '100', 'log.retention.check.interval.ms': '200', 'log.initial.task.delay.ms': '100' }

const kafka = await startKafka({ settings: QUICK })
onEnd(() => kafka.stop())
const cluster = await connectCluster(kafka)
onEnd(() => cluster.stop())

/** The group's reader is not held to these yet. */
const NOT_YET_BY_GROUPS = [
  'overlapping transactions that are aborted in reverse order',
  'an open transaction, which is committed later',
  'whole batches are compacted away, and an empty one of an idempotent producer ends a segment',
  'delete-records takes what stopped readers had not read',
  'retention takes everything while the readers are stopped',
  'the topic is deleted and made anew with fewer records',
  'the topic is deleted and made anew with more records',
]

const READERS = [groupReader, tailReader, randomReader, cliReader]
// The slowest first.
const cases = [...TRANSACTIONS, ...COMPACTION, ...TOPIC_CHANGES, ...RECORDS].map((each) =>
  NOT_YET_BY_GROUPS.includes(each.name) ? { ...each, without: { ...each.without, group: 'not yet' } } : each,
)
const only = process.env.CASES
runTable(only ? cases.filter(({ name }) => name.includes(only)) : cases, READERS, cluster)
