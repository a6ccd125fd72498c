import { expect, test } from 'vitest'
import { runCommand } from '../../deploy/local/programs/command.ts'
import { projectFile } from '../../deploy/local/programs/local-files.ts'
import { runBridge, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { createTopic } from '../support/stack/create-topic.ts'

/** Nothing listens there, so that the bridge waits and says so. */
const NO_KAFKA = '127.0.0.1:1'

/** What a library may do at any time: warn through Node.js (here when told to), and leave a timer behind. */
const CARELESS_LIBRARY =
  "data:text/javascript,setInterval(()=>{},1000);process.on('SIGWINCH',()=>process.emitWarning('from%20a%20library'))"

function parsed(text: string): Record<string, unknown>[] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]))
}

test('`serve | head` is an ordered stop with exit code 1, and the rest of the log goes to standard error', async () => {
  const { environment } = await createNodeEnvironment({ KAFKA_BROKERS: NO_KAFKA, LOG_FORMAT: 'json' })
  const pipe = `"${process.execPath}" "${projectFile('dist/main.js')}" serve | head -n 1; exit \${PIPESTATUS[0]}`
  const { code, stdout, stderr } = await runCommand('bash', ['-c', pipe], { timeoutMs: 90_000, env: environment })
  expect({ code, lines: parsed(stdout).map(({ msg }) => msg) }).toEqual({ code: 1, lines: ['starting'] })
  const said = parsed(stderr)
  expect(said[0]).toMatchObject({ level: 'fatal', err: { message: 'nobody reads the log any more: standard output is closed' } })
  expect(said).toContainEqual(expect.objectContaining({ msg: 'stopped everything', exitCode: 1 }))
})

test('`config doc | head` ends with 0 and without a word', async () => {
  const pipe = `"${process.execPath}" "${projectFile('dist/main.js')}" config doc | head -n 1; exit \${PIPESTATUS[0]}`
  const { code, stderr } = await runCommand('bash', ['-c', pipe], { timeoutMs: 90_000 })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test('a full disk behind standard output is said, with exit code 1', async () => {
  const line = `"${process.execPath}" "${projectFile('dist/main.js')}" config doc > /dev/full`
  const { code, stderr } = await runCommand('bash', ['-c', line], { timeoutMs: 90_000 })
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^Standard output cannot be written \(ENOSPC.*\): what this command printed is not complete\.\n$/),
  })
})

test('`serve` whose log cannot be written says why, and stops in order', async () => {
  const { environment } = await createNodeEnvironment({ KAFKA_BROKERS: NO_KAFKA, LOG_FORMAT: 'json' })
  const line = `"${process.execPath}" "${projectFile('dist/main.js')}" serve > /dev/full`
  const { code, stderr } = await runCommand('bash', ['-c', line], { timeoutMs: 90_000, env: environment })
  expect(parsed(stderr)[0]).toMatchObject({
    level: 'fatal',
    err: { message: expect.stringMatching(/^the log cannot be written any more: ENOSPC/) },
  })
  expect(code).toBe(1)
})

test('who reads the output of a command slowly has it all', async () => {
  const { environment, topic } = await createNodeEnvironment()
  const name = await createTopic({ name: topic('many') })
  const { produce } = await createNodeServices()
  const records = Array.from({ length: 2000 }, (_, index) => ({ key: `${index}`, value: 'x'.repeat(200) }))
  await produce(name, ...records)
  const pipe = `"${process.execPath}" "${projectFile('dist/main.js')}" tail ${name} --from earliest --until-end | (sleep 5; cat)`
  const { stdout, stderr } = await runCommand('bash', ['-c', pipe], { timeoutMs: 90_000, env: { ...environment } })
  expect(stderr).toBe('')
  expect(stdout.split('\n').filter(Boolean)).toHaveLength(records.length)
})

test('every line of a JSON log is JSON: warnings of Node.js and what is still open after the end too', async () => {
  const { environment } = await createNodeEnvironment({ KAFKA_BROKERS: NO_KAFKA, NODE_OPTIONS: `--import=${CARELESS_LIBRARY}` })
  const bridge = startBridgeProcess(environment)
  await eventually(() => expect(bridge.output()).toContain('"starting"'), { timeoutMs: 15_000 })
  bridge.signal('SIGWINCH')
  await eventually(() => expect(bridge.output()).toContain('from a library'), { timeoutMs: 15_000 })
  expect(await bridge.end('SIGTERM')).toMatchObject({ code: 0 })
  const lines = parsed(bridge.output())
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 'warn', msg: 'Node.js warns', err: expect.objectContaining({ message: 'from a library' }) }),
  )
  expect(lines.at(-1)).toMatchObject({ level: 'warn', msg: 'still open after the end', kinds: expect.arrayContaining(['Timeout']) })
})

test('unusable settings are a line of the log where that is to be JSON', async () => {
  const { code, stdout, stderr } = await runBridge(['serve'], { LOG_FORMAT: 'json', P2P_PORT: '70000', NETWORK: 'moon' })
  expect({ code, stderr }).toEqual({ code: 78, stderr: '' })
  expect(parsed(stdout)).toMatchObject([{ level: 'fatal', msg: expect.stringMatching(/^The settings have 2 faults:\n {2}/) }])
})
