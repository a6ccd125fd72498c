import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { wantedTopics } from '../../../src/cli/topics/wanted-topics.ts'
import { readingOf, settingsOf } from '../../support/bridge/settings.ts'

interface Container {
  readonly image: string
  readonly args: readonly string[]
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
  readonly livenessProbe: object
  readonly readinessProbe: object
  readonly securityContext: object
}

interface PodSpec {
  readonly containers: readonly Container[]
  readonly terminationGracePeriodSeconds: number
  readonly enableServiceLinks: boolean
  readonly volumes: readonly { readonly name: string }[]
}

type Labels = Readonly<Record<string, string>>

/** What the kinds of our manifests have between them. */
interface Spec {
  readonly replicas?: number
  readonly selector?: { readonly matchLabels?: Labels } & Labels
  readonly podSelector?: { readonly matchLabels: Labels }
  readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec }
  readonly ports?: readonly { readonly targetPort: string }[]
  readonly ingress?: readonly { readonly ports: readonly { readonly port: number }[] }[]
  readonly authorization?: {
    readonly acls: readonly { readonly resource: { type: string; name: string }; readonly operations: string[] }[]
  }
}

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Labels }
  readonly spec: Spec
}

const folder = 'deploy/kubernetes'
const documents = (file: string) => parseAllDocuments(readFileSync(`${folder}/${file}`, 'utf8')).map((each) => each.toJS() as Manifest)
const base = readdirSync(`${folder}/base`).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
const manifests = base.flatMap((file) => documents(`base/${file}`))
const common = Object.fromEntries(
  readFileSync(`${folder}/base/settings.env`, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
)

function named(kind: string, name: string): Manifest {
  const found = manifests.find((each) => each.kind === kind && each.metadata.name === name)
  if (!found) throw new Error(`no ${kind} ${name}`)
  return found
}

/** Values of the secrets that the README tells to create, and that Strimzi makes. */
const SECRETS: Record<string, string> = {
  '/etc/kafka-user/password': 'a-password',
  '/etc/gossip-bridge/banlist-db': 'postgres://bridge:a-password@postgres:5432/bridge',
  '/etc/gossip-bridge/identity-encryption-key': '00'.repeat(32),
  '/etc/gossip-bridge/admin-api-key': 'a-key-of-more-than-16-characters',
}

const WORKLOADS = [
  ['relay', named('StatefulSet', 'gossip-bridge-relay')],
  ['edge', named('Deployment', 'gossip-bridge-edge')],
] as const

function podOf(workload: Manifest): { pod: PodSpec; container: Container } {
  const pod = workload.spec.template?.spec
  const container = pod?.containers[0]
  if (!pod || !container) throw new Error('no container')
  return { pod, container }
}

/** The settings of a pod, as the process reads them. */
function readingFor(workload: Manifest) {
  const own = podOf(workload).container.env.map(({ name, value }) => [name, value ?? 'gossip-bridge-relay-0'])
  return readingOf({ environment: { ...common, ...Object.fromEntries(own) } }, SECRETS)
}

test.each(WORKLOADS)('the settings of the %s are sound, and every variable is one', (role, workload) => {
  const { settings, found, nearMisses, later } = readingFor(workload)
  expect({ nearMisses, later }).toEqual({ nearMisses: [], later: [] })
  const fromEnvironment = [...found.values()].filter(({ origin }) => origin.startsWith('environment'))
  expect(fromEnvironment).toHaveLength(Object.keys(common).length + podOf(workload).container.env.length)
  expect(settings.roles).toContain(role)
})

test.each(WORKLOADS)('the ports of the %s are those on which it listens', (role, workload) => {
  const { settings } = readingFor(workload)
  const ports = Object.fromEntries(podOf(workload).container.ports.map(({ name, containerPort }) => [name, containerPort]))
  const health = { health: settings.healthListenAddress.port }
  const relay = { libp2p: settings.p2p_port, grpc: settings.p2p_grpcListenAddress?.port, ...health }
  expect(ports).toEqual(role === 'relay' ? relay : { http: settings.p2p_httpListenAddress.port, ...health })
})

test.each(WORKLOADS)('the %s is watched, stopped and confined as the process needs it', (_role, workload) => {
  const { pod, container } = podOf(workload)
  const { settings } = readingFor(workload)
  expect(container.livenessProbe).toMatchObject({ httpGet: { path: '/livez', port: 'health' } })
  expect(container.readinessProbe).toMatchObject({ httpGet: { path: '/readyz', port: 'health' } })
  expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual(settings.shutdown_deadline + 5000)
  expect(pod.enableServiceLinks).toBe(false)
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  expect(container.volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name))
})

test('each relay has a service of its own, and every selector finds the pods of one workload', () => {
  const { replicas = 0 } = named('StatefulSet', 'gossip-bridge-relay').spec
  for (let ordinal = 0; ordinal < replicas; ordinal++) {
    const name = `gossip-bridge-relay-${ordinal}`
    expect(named('Service', name).spec.selector).toMatchObject({ 'statefulset.kubernetes.io/pod-name': name })
  }
  const pods = WORKLOADS.map(([, { spec }]): Labels => spec.template?.metadata.labels ?? {})
  for (const { kind, metadata, spec } of manifests) {
    const selector = (spec.selector?.matchLabels ?? spec.selector ?? spec.podSelector?.matchLabels) as Labels | undefined
    if (!selector) continue
    const { 'statefulset.kubernetes.io/pod-name': _, ...labels } = selector
    const chosen = pods.filter((pod) => Object.entries(labels).every(([label, value]) => pod[label] === value))
    expect(chosen, `${kind} ${metadata.name}`).toHaveLength(1)
    expect(labels, `${kind} ${metadata.name}`).toEqual(metadata.labels)
  }
})

test('every port of a service and of a policy is one of a container', () => {
  const ports = WORKLOADS.flatMap(([, workload]) => podOf(workload).container.ports)
  for (const { kind, metadata, spec } of manifests) {
    if (kind === 'Service')
      for (const { targetPort } of spec.ports ?? [])
        expect(
          ports.map(({ name }) => name),
          metadata.name,
        ).toContain(targetPort)
    if (kind !== 'NetworkPolicy') continue
    const allowed = (spec.ingress ?? []).flatMap((rule) => rule.ports.map(({ port }) => port))
    const own = WORKLOADS.find(([role]) => metadata.name.endsWith(role))
    expect(allowed.toSorted(), metadata.name).toEqual(
      own &&
        podOf(own[1])
          .container.ports.map(({ containerPort }) => containerPort)
          .toSorted(),
    )
  }
})

test('every file of the folder is part of the kustomization', () => {
  const { resources } = parse(readFileSync(`${folder}/base/kustomization.yaml`, 'utf8')) as { resources: string[] }
  expect(resources.toSorted()).toEqual(base.toSorted())
})

test('the topics for Strimzi are those of `topics create`', () => {
  const topics = documents('strimzi/topics.yaml').map(({ kind, metadata, spec }) => ({ kind, name: metadata.name, ...spec }))
  const wanted = wantedTopics(settingsOf({ KAFKA_REPLICATION_FACTOR: '3' })).map(({ name, partitions, replication, config }) => ({
    kind: 'KafkaTopic',
    name,
    partitions,
    replicas: replication,
    config: Object.fromEntries(Object.entries(config).map(([key, value]) => [key, /^\d+$/.test(value) ? Number(value) : value])),
  }))
  const byName = (one: { name: string }, other: { name: string }) => one.name.localeCompare(other.name)
  expect(topics.sort(byName)).toEqual(wanted.sort(byName))
})

/** Of docs/kafka.md: the rights of a part of the program, by resource. */
function documentedRights(who: string): Record<string, string[]> {
  const rights: Record<string, string[]> = {}
  let isOurs = false
  for (const line of readFileSync('docs/kafka.md', 'utf8').split('\n')) {
    const [, first, resource, operations] = /^\| (.*?) ?\| (.*?) \| (.*?) \|$/.exec(line) ?? []
    if (first === undefined || resource === undefined || operations === undefined) continue
    if (first !== '') isOurs = first === who
    if (!isOurs) continue
    for (const [, name = ''] of resource.matchAll(/`([^`]+)`/g))
      rights[name.replace('<bridge_id>', common.BRIDGE_ID ?? '')] = operations.match(/\b(Read|Write|Describe|DescribeConfigs)\b/g) ?? []
  }
  return rights
}

test.each([
  ['gossip-bridge-relay', '`serve` with role relay'],
  ['gossip-bridge-edge', '`serve` with role edge only'],
])('the rights of the Kafka user %s are those that the documents say %s needs', (user, who) => {
  const found = documents('strimzi/users.yaml').find(({ metadata }) => metadata.name === user)
  const acls = found?.spec.authorization?.acls ?? []
  expect(acls.length).toBeGreaterThan(0)
  expect(Object.fromEntries(acls.map(({ resource, operations }) => [resource.name, operations]))).toEqual(documentedRights(who))
  for (const { resource } of acls) expect(resource.type, resource.name).toBe(/\.(log|gossip)$/.test(resource.name) ? 'group' : 'topic')
})
