import { startKafka } from '../../../deploy/local/kafka/kafka.ts'
import { onEnd } from '../../support/on-end.ts'
import { connectCluster } from './cluster.ts'
import { cliReader } from './readers/cli-reader.ts'
import { groupReader } from './readers/group-reader.ts'
import { tailReader } from './readers/tail-reader.ts'
import { runTable } from './run-table.ts'
import { ELECTION } from './tables/election.ts'

const kafka = await startKafka({ brokers: 3, settings: { 'broker.session.timeout.ms': '2000', 'offsets.topic.replication.factor': '1' } })
onEnd(() => kafka.stop())
const cluster = await connectCluster(kafka)
onEnd(() => cluster.stop())
// The offsets of the groups stay on the broker that no case stops.
await cluster.createTopic('__consumer_offsets', { replicas: [1], config: { 'cleanup.policy': 'compact' } })

runTable(ELECTION, [groupReader, tailReader, cliReader], cluster, { atOnce: ELECTION.length })
