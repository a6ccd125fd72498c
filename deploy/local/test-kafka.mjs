// `npm run test:kafka`: what meets the broker's releases, on the other versions of Kafka that the local stack has. Half an hour, for nights.
// `npm run test:kafka -- 4.4` runs one version. Plain JavaScript, because it only starts programs.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const STEPS = [
  ['vitest', 'run', '--project', 'patient', 'test/contract/cases'],
  ['vitest', 'run', '--project', 'contract', 'test/contract/cases'],
  ['vitest', 'run', '--project', 'integration', 'test/integration/kafka'],
  ['vitest', 'run', '--project', 'e2e', 'test/e2e/kafka-tools.test.ts'],
  ['npm', 'run', 'demo', '--', '--for', '20'],
]
const STEP_DEADLINE_MS = 1_200_000

const wanted = process.argv.slice(2)
const known = readdirSync(join(root, 'deploy/local/kafka/versions')).map((file) => file.replace(/\.lock$/, ''))
const versions = known.filter((version) => wanted.length === 0 || wanted.some((want) => version.startsWith(want)))
if (versions.length === 0) fail(`no such Kafka here: ${wanted.join(', ')}; there are ${known.join(', ')}`)
for (const version of versions) {
  for (const [program, ...args] of STEPS) {
    console.log(`\ntest:kafka: Kafka ${version}: ${[program, ...args].join(' ')}`)
    const command = program === 'npm' ? 'npm' : join(root, 'node_modules/.bin', program)
    const env = { ...process.env, KAFKA_VERSION: version }
    const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env, timeout: STEP_DEADLINE_MS })
    if (status !== 0) fail(`failed on Kafka ${version}`)
  }
}
console.log(`\ntest:kafka: all passed on Kafka ${versions.join(', ')}`)

function fail(message) {
  console.error(`test:kafka: ${message}`)
  process.exit(1)
}
