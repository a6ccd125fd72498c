import { parseHostPort } from '../../addresses/host-port.ts'
import type { Settings } from '../../config/settings.ts'
import type { Probe } from '../../doctor/examine.ts'
import { REACH_WORDS, reach } from '../../doctor/host/tcp.ts'
import { judgeBootstrap } from '../../doctor/services/kafka.ts'
import type { DoctorDeps } from './doctor-deps.ts'

const TCP_MS = 3000
const DEADLINE_MS = 20_000

export function kafkaProbes(settings: Settings, { log, wanted }: Pick<DoctorDeps, 'log' | 'wanted'>): Probe[] {
  const run = async () => {
    const bootstrap = judgeBootstrap(await Promise.all(settings.kafka_brokers.map(dial)))
    if (bootstrap.every(({ grade }) => grade === 'fail')) return bootstrap
    // Imported only here: a native part that does not load is a finding, not the end of the doctor.
    const { lookInsideKafka } = await import('./inside-kafka.ts')
    return [...bootstrap, ...(await lookInsideKafka(settings, { log, wanted }))]
  }
  return [{ area: 'kafka', what: 'looking at Kafka', deadlineMs: DEADLINE_MS, run }]
}

async function dial(broker: string): Promise<{ broker: string; fault: string | undefined }> {
  const { host, port } = parseHostPort(broker) ?? { host: broker, port: null }
  const reached = await reach({ host, port: port ?? 9092 }, TCP_MS)
  return { broker, fault: reached === 'connected' ? undefined : REACH_WORDS[reached] }
}
