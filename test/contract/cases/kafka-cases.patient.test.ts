import { STEADY } from '../../../deploy/local/kafka/broker-config.ts'
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

/** With the defaults (15 s, 5 minutes and 30 s) the tests would wait that long for cleaned and expired records. */
const QUICK = { 'log.cleaner.backoff.ms': '100', 'log.retention.check.interval.ms': '200', 'log.initial.task.delay.ms': '100' }

const kafka = await startKafka({ settings: { ...STEADY, ...QUICK } })
onEnd(() => kafka.stop())
const cluster = await connectCluster(kafka)
onEnd(() => cluster.stop())

const READERS = [groupReader, tailReader, randomReader, cliReader]
// The slowest first.
const cases = [...TRANSACTIONS, ...COMPACTION, ...TOPIC_CHANGES, ...RECORDS]
const only = process.env.CASES
runTable(only ? cases.filter(({ name }) => new RegExp(only).test(name)) : cases, READERS, cluster)
