import { STEADY } from '../../../deploy/local/kafka/broker-config.ts'
import { startKafka } from '../../../deploy/local/kafka/kafka.ts'
import { onEnd } from '../../support/on-end.ts'
import { connectCluster } from './cluster.ts'
import { cliReader } from './readers/cli-reader.ts'
import { groupReader } from './readers/group-reader.ts'
import { randomReader } from './readers/random-reader.ts'
import { tailReader } from './readers/tail-reader.ts'
import { runTable } from './run-table.ts'
import { QUOTAS } from './tables/quotas.ts'

const kafka = await startKafka({ settings: STEADY })
onEnd(() => kafka.stop())
const cluster = await connectCluster(kafka)
onEnd(() => cluster.stop())
// Otherwise the broker creates it when the first group asks for its coordinator, and says until then that it has none.
await cluster.createTopic('__consumer_offsets', { config: { 'cleanup.policy': 'compact' } })

runTable(QUOTAS, [groupReader, tailReader, randomReader, cliReader], cluster)
