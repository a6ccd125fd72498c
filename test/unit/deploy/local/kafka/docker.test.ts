import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hasDockerEngine, startDockerKafka } from '../../../../../deploy/local/kafka/docker.ts'
import type { CommandOptions, CommandResult } from '../../../../../deploy/local/programs/command.ts'

interface Call {
  line: string
  port: string | undefined
}

/** A Docker that takes down what it is asked, and fails on request. */
function fakeDocker(fails: (line: string) => boolean = () => false) {
  const calls: Call[] = []
  let settings: unknown
  const run = async (command: string, args: string[], options: CommandOptions): Promise<CommandResult> => {
    const line = [command, ...args].join(' ')
    calls.push({ line, port: options.env?.KAFKA_PORT })
    const file = args.findLast((arg) => arg.endsWith('settings.json'))
    if (file && existsSync(file)) settings = JSON.parse(readFileSync(file, 'utf8'))
    return fails(line) ? { code: 1, stdout: '', stderr: 'no such image' } : { code: 0, stdout: '', stderr: '' }
  }
  return { calls, run, settings: () => settings }
}

const options = { port: 20_123, settings: { 'log.retention.ms': '1000' }, composeFile: '/repo/docker-compose.yml' }
const deps = { awaitReady: async () => {}, say: () => {} }

test('starts one Kafka of the compose file on the port and with the settings that are asked for, and removes it', async () => {
  const docker = fakeDocker()
  const kafka = await startDockerKafka(options, { ...deps, run: docker.run })
  const up = docker.calls.at(-1)
  expect(up?.line).toMatch(/^docker compose -p gossip-bridge-\w{8} -f \/repo\/docker-compose.yml -f \S+ up --detach --no-deps kafka$/)
  expect(up?.port).toBe('20123')
  expect(docker.settings()).toEqual({ services: { kafka: { environment: { KAFKA_LOG_RETENTION_MS: '1000' } } } })
  expect(kafka.broker.address).toBe('127.0.0.1:20123')
  await kafka.broker.freeze()
  expect(docker.calls.at(-1)?.line).toMatch(/ pause kafka$/)
  await kafka.broker.kill()
  expect(kafka.broker.isRunning()).toBe(false)
  await kafka.stop()
  expect(docker.calls.at(-1)?.line).toMatch(/ down --volumes --timeout 0$/)
})

test('falls back to the old docker-compose program', async () => {
  const docker = fakeDocker((line) => line === 'docker compose version')
  const kafka = await startDockerKafka(options, { ...deps, run: docker.run })
  expect(docker.calls.at(-1)?.line).toMatch(/^docker-compose -p /)
  await kafka.stop()
})

test('a start that fails removes what it made and says what Docker said', async () => {
  const docker = fakeDocker((line) => line.endsWith('up --detach --no-deps kafka'))
  await expect(startDockerKafka(options, { ...deps, run: docker.run })).rejects.toThrow(/up --detach .*failed: no such image/)
  expect(docker.calls.at(-1)?.line).toMatch(/ down /)
})

test('the docker program without an engine behind it does not count', async () => {
  expect(await hasDockerEngine(fakeDocker(() => true).run)).toBe(false)
  expect(await hasDockerEngine(fakeDocker().run)).toBe(true)
})
