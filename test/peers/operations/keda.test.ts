import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { BUILD_DEADLINE_MS, findGo, goProgram } from '../build/build-go-program.ts'
import { type ObjectSchema, schemaFaults } from './schema-faults.ts'

const tool = findGo('the manifests for KEDA cannot be held to its sources')

/** The sources of KEDA, as its Go module has them. Their checksum is in the go.sum beside. */
async function kedaSources(): Promise<string> {
  const cwd = projectFile('test/peers/programs/keda')
  const { stdout, stderr } = await runCommand(tool ?? '', ['mod', 'download', '-json', 'github.com/kedacore/keda/v2'], {
    cwd,
    timeoutMs: 300_000,
  })
  const { Dir: folder, Error: error } = JSON.parse(stdout || '{}') as { Dir?: string; Error?: string }
  if (folder === undefined) throw new Error(`the sources of KEDA cannot be had: ${error ?? stderr}`)
  return folder
}

interface Definition {
  readonly spec: {
    readonly names: { readonly kind: string }
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: ObjectSchema } }[]
  }
}

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly spec: { readonly triggers?: readonly { readonly metadata: Record<string, string> }[] }
}

test.runIf(tool)(
  'the manifests have only fields that KEDA has, of the right types, and its Kafka trigger knows each of ours',
  async () => {
    const sources = await kedaSources()
    const manifests = parseAllDocuments(await readFile(projectFile('deploy/kubernetes/keda/relay-scaling.yaml'), 'utf8')).map(
      (each) => each.toJS() as Manifest,
    )
    for (const manifest of manifests) {
      const file = join(sources, 'config/crd/bases', `keda.sh_${manifest.kind.toLowerCase()}s.yaml`)
      const { spec } = parse(await readFile(file, 'utf8')) as Definition
      const version = spec.versions.find(({ name }) => `keda.sh/${name}` === manifest.apiVersion)
      expect(spec.names.kind).toBe(manifest.kind)
      const schema = version?.schema.openAPIV3Schema ?? {}
      expect(schemaFaults(schema, manifest)).toEqual([])
      expect(schemaFaults(schema, { ...manifest, spec: { ...manifest.spec, maxReplicas: 4 } })).toContain(
        '.spec.maxReplicas: there is no such field',
      )
    }
    const known = triggerFields(await readFile(join(sources, 'pkg/scalers/kafka_scaler.go'), 'utf8'))
    const triggers = manifests.flatMap(({ spec }) => spec.triggers ?? [])
    expect(triggers.length).toBeGreaterThan(0)
    for (const [name, value] of triggers.flatMap(({ metadata }) => Object.entries(metadata))) {
      const field = known.get(name.replace(/FromEnv$/, ''))
      expect(field, name).toBeDefined()
      if (field?.words) expect(field.words, name).toContain(value)
    }
  },
  BUILD_DEADLINE_MS,
)

/** The fields of the trigger, by the tags of the Go type that holds them. */
function triggerFields(source: string): Map<string, { words: string[] | undefined }> {
  const tags = [...source.matchAll(/`keda:"name=(\w+),order=[\w;]*triggerMetadata[^"]*"`/g)]
  return new Map(tags.map(([tag, name = '']) => [name, { words: /enum=([\w;]+)/.exec(tag)?.[1]?.split(';') }]))
}

test.runIf(tool)(
  'kustomize adds it to the base as a component',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'my-node-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const at = (name: string) => relative(folder, projectFile('deploy/kubernetes', name))
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [at('base')],
      components: [at('keda')],
    }
    await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization))
    const { code, stdout, stderr } = await runCommand(await goProgram(tool ?? '', 'kubernetes'), [folder], { timeoutMs: 60_000 })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('decoded: '))
    expect(lines.toSorted()).toEqual([
      'unknown: keda.sh/v1alpha1 ScaledObject gossip-bridge-relay',
      'unknown: keda.sh/v1alpha1 TriggerAuthentication gossip-bridge-relay',
    ])
  },
  BUILD_DEADLINE_MS,
)
