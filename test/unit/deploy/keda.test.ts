import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { topicNames } from '../../../src/config/topic-names.ts'
import { groupTopics } from '../../../src/messages/topics.ts'
import { settingsOf } from '../../support/bridge/settings.ts'

interface Scaling {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly scaleTargetRef?: { readonly kind: string; readonly name: string; readonly envSourceContainerName: string }
    readonly triggers?: readonly {
      readonly metadata: Readonly<Record<string, string>>
      readonly authenticationRef: { readonly name: string }
    }[]
    readonly env?: readonly { readonly name: string }[]
    readonly secretTargetRef?: readonly { readonly name: string }[]
  }
}

const read = (file: string) => readFileSync(`deploy/kubernetes/${file}`, 'utf8')
const [authentication, scaled] = parseAllDocuments(read('keda/relay-scaling.yaml')).map((each) => each.toJS() as Scaling)
const relay = read('base/relay.yaml')

test('KEDA looks at topics that the group .log reads, under the names of the base', () => {
  const environment = Object.fromEntries(
    read('base/settings.env')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('=', 2)),
  ) as Record<string, string>
  const topics = topicNames(settingsOf({}))
  const ofGroup = groupTopics('log').map((role) => topics[role])
  for (const { metadata, authenticationRef } of scaled?.spec.triggers ?? []) {
    expect(ofGroup).toContain(metadata.topic)
    expect(metadata).toMatchObject({ consumerGroup: `${environment.BRIDGE_ID}.log`, bootstrapServersFromEnv: 'KAFKA_BROKERS' })
    expect(`${metadata.sasl}`.replaceAll('_', '')).toBe(environment.KAFKA_SASL_MECHANISM?.replaceAll('-', ''))
    expect(authenticationRef.name).toBe(authentication?.metadata.name)
  }
  expect(scaled?.spec.triggers?.length).toBeGreaterThan(0)
})

test('what KEDA takes from the relay is there: its container, its variables, its secrets', () => {
  expect(scaled?.spec.scaleTargetRef).toMatchObject({ kind: 'StatefulSet', name: 'gossip-bridge-relay' })
  expect(relay).toContain(`- name: ${scaled?.spec.scaleTargetRef?.envSourceContainerName}\n`)
  for (const { name } of authentication?.spec.env ?? []) expect(relay).toContain(name)
  for (const { name } of authentication?.spec.secretTargetRef ?? []) expect(relay).toContain(`secretName: ${name}`)
})
