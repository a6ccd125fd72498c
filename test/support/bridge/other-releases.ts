import { readFileSync } from 'node:fs'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { createPatchedBuild, type Patch, type PatchedBuild } from '../../contract/harness/patched-build.ts'

const schemaText = (file: string) => readFileSync(projectFile('schemas', 'avro', file), 'utf8')

/** All these releases can read the next version of the event, which has a field more; those that `writesNext` write it. */
function schemasOfRelease({ writesNext, more = [] }: { writesNext: boolean; more?: object[] }): Record<string, string> {
  const event = JSON.parse(schemaText('event.v2.avsc')) as { fields: { name: string; type: unknown }[] }
  const rejectedTx = event.fields.find(({ name }) => name === 'rejectedTx')
  if (!rejectedTx) throw new Error('event.v2.avsc has no rejectedTx')
  const [none, record] = rejectedTx.type as [string, object]
  const doubleSpend = { ...rejectedTx, name: 'doubleSpend', type: [none, { ...record, name: 'EventDoubleSpend' }] }
  const ids = JSON.parse(schemaText('ids.json')) as { id: number; role: string; write?: true }[]
  const next = { id: 1010, role: 'events', version: 3, file: 'event.v3.avsc', ...(writesNext ? { write: true } : {}) }
  const kept = ids.map(({ write, ...line }) => (line.role === 'events' && writesNext ? line : { ...line, write }))
  return {
    'avro/ids.json': JSON.stringify([...kept, next, ...more]),
    'avro/event.v3.avsc': JSON.stringify({ ...event, fields: [...event.fields, doubleSpend] }),
  }
}

export const releaseThatReadsNextEvent = () => createPatchedBuild([], { schemas: schemasOfRelease({ writesNext: false }) })

export const releaseThatWritesNextEvent = () => createPatchedBuild([], { schemas: schemasOfRelease({ writesNext: true }) })

const NO_ASSIGNER: Patch = {
  file: 'kafka/group/membership/group-session.ts',
  replace: 'partitionAssigners: [({ cluster }) => ({ ...deps.assigner.forCluster(cluster), rest: (ms: number) => this.#rest(ms) })],',
  by: '',
}

/** As releases before our own assigner: kafkajs's assigner gives the topics of the leader to all members of a group. */
export function releaseWithAssignerOfKafkajs(): Promise<PatchedBuild> {
  return createPatchedBuild([NO_ASSIGNER], { schemas: schemasOfRelease({ writesNext: false }) })
}

const DOUBLE_SPEND_KIND: Patch = {
  file: 'messages/kinds.ts',
  replace: "'rejected-tx': rejectedTx",
  by: `'rejected-tx': rejectedTx, 'double-spend': {
    ...rejectedTx,
    payload: 'doubleSpend',
    source: { ...rejectedTx.source, topic: 'doubleSpends' },
    gossip: { ...rejectedTx.gossip, setting: 'double_spend', suffix: 'double_spend', about: 'double spends' },
  }`,
}

const DOUBLE_SPEND_TOPIC: Patch = {
  file: 'messages/topics.ts',
  replace: '  invalidBlocks: {',
  by: `    doubleSpends: {
        setting: 'double_spends',
        name: 'double-spends',
        holds: 'double spends that the own node found',
        values: 'double spends (by tools)',
        direction: 'in',
        groups: ['log', 'gossip'],
        partitions: 'many',
        keeps: 'records',
    },
    invalidBlocks: {`,
}

/** Has a kind of message more, `double-spend`, with the in-topic `double-spends`; its values are like those of `rejectedtx`. */
export function releaseWithDoubleSpends(): Promise<PatchedBuild> {
  const value = JSON.parse(schemaText('rejected-tx.v1.avsc')) as object
  const schemas = schemasOfRelease({
    writesNext: true,
    more: [{ id: 1011, role: 'doubleSpends', version: 1, file: 'double-spend.v1.avsc', write: true }],
  })
  return createPatchedBuild([DOUBLE_SPEND_KIND, DOUBLE_SPEND_TOPIC], {
    schemas: { ...schemas, 'avro/double-spend.v1.avsc': JSON.stringify({ ...value, name: 'DoubleSpend' }) },
  })
}

/** All patches of these releases. */
export const RELEASE_PATCHES: readonly Patch[] = [NO_ASSIGNER, DOUBLE_SPEND_KIND, DOUBLE_SPEND_TOPIC]
