import { expect, test } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'
import { environmentName, flagName } from '../../../src/config/setting.ts'
import { SETTING_NAMES, SETTINGS } from '../../../src/config/settings.ts'
import { createFakeHost } from '../../support/bridge/fake-host.ts'

async function run(words: string[], environment?: Record<string, string>, files?: Record<string, string>) {
  const host = createFakeHost(environment, files)
  const code = await runProgram(words, host)
  return { code, out: host.out(), err: host.err() }
}

/** The help of a command and of all that it lists below itself. */
async function helpOf(words: string[]): Promise<{ words: string[]; code: number; out: string; err: string }[]> {
  const answer = { words, ...(await run([...words, '--help'])) }
  const [, list = ''] = answer.out.split('\nCommands:\n')
  const names = [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].flatMap(([, name = '']) => (name === 'help' ? [] : [name]))
  const below = await Promise.all(names.map((name) => helpOf([...words, name])))
  return [answer, ...below.flat()]
}

test('help begins with the commands, and every page says how to reach Kafka and where the settings are', async () => {
  const { out } = await run(['--help'])
  expect(out.split('\n').length).toBeLessThan(50)
  expect(out).toMatch(/\nCommands:\n {2}serve /)
  for (const words of [[], ['serve'], ['bans', 'add'], ['topics', 'check']]) {
    expect((await run([...words, '--help'])).out).toMatch(/KAFKA_BROKERS or --kafka-brokers.*gossip-bridge config doc/s)
  }
})

test('the settings files of a Teranode are read by every command, and config import writes a file of them', async () => {
  const files = { 'settings.conf': 'p2p_port = 1\np2p_port.docker = 7003 # here\nnobody = knows', 'local.conf': 'p2p_shared_key = ab' }
  const flags = ['--teranode-settings', 'settings.conf', '--settings-context', 'docker']
  const shown = await run(['config', 'env', ...flags], {}, files)
  expect(shown.out).toContain('P2P_PORT="7003"  # settings.conf:2 (p2p_port.docker)\n')
  expect(shown.err).toBe("Of Teranode's settings, 1 are not for the bridge: nobody.\n")
  const environment = { TERANODE_SETTINGS: 'settings.conf', SETTINGS_CONTEXT: 'operator' }
  expect((await run(['config', 'import'], environment, files)).out).toBe('# settings.conf:1 (p2p_port)\np2p_port: "1"\n')
  const withApplication = { 'settings.conf': 'p2p_port = 1\np2p_port.p2p = 2\np2p_port.docker = 3' }
  const application = { TERANODE_SETTINGS: 'settings.conf', SETTINGS_APPLICATION: 'p2p' }
  expect((await run(['config', 'import'], application, withApplication)).out).toBe('# settings.conf:2 (p2p_port.p2p)\np2p_port: "2"\n')
  expect((await run(['config', 'import', '--settings-context', 'docker.m'], application, withApplication)).out).toContain('p2p_port: "3"')
  expect((await run(['config', 'import'], {}, files)).err).toContain('name the settings files of a Teranode with --teranode-settings')
  expect((await run(['config', 'check', '--teranode-settings', 'gone.conf'], {}, files)).err).toContain('exists with --teranode-settings')
  const bad = await run(['config', 'check', '--teranode-settings', 'settings.conf,local.conf'], {}, files)
  expect(bad).toMatchObject({ code: 78, err: expect.stringContaining('p2p_shared_key is [secret] (local.conf:1 (p2p_shared_key))') })
})

test('the help of serve names the flag and the environment variable of every setting', async () => {
  const { code, out } = await run(['serve', '--help'])
  expect(code).toBe(0)
  for (const name of SETTING_NAMES) {
    expect(out).toMatch(new RegExp(`^ +${flagName(name, SETTINGS[name])}\\b.*\\(env ${environmentName(name)}\\b`, 'm'))
  }
})

test('every command answers --help', async () => {
  const answers = await helpOf([])
  const commands = answers.map(({ words }) => words.join(' '))
  for (const expected of ['serve', 'tail', 'simulate', 'topics create', 'topics check', 'bans add', 'bans list', 'config doc']) {
    expect(commands).toContain(expected)
  }
  for (const { words, code, out, err } of answers) {
    expect({ words, code, err }).toEqual({ words, code: 0, err: '' })
    expect(out).toMatch(new RegExp(`^Usage: ${['gossip-bridge', ...words].join(' ')} `))
  }
})

test('no command at all is answered with the help', async () => {
  const { code, err } = await run([])
  expect(code).toBe(1)
  expect(err).toContain('Usage: gossip-bridge')
})

test('a misspelt command or flag is answered with a suggestion', async () => {
  expect(await run(['serv'])).toMatchObject({ code: 1, err: expect.stringContaining('Did you mean serve?') })
  expect(await run(['config', 'check', '--p2p-prot', '1'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('Did you mean --p2p-port?'),
  })
})

// Without the role edge, since `config check` also tries the binary for browsers, which not each Node.js here can load.
test('usable settings are reported as fine', async () => {
  expect(await run(['config', 'check'], { CLIENTNAME: 'node-a', NETWORK: 'regtest', ROLES: 'relay,admin' })).toEqual({
    code: 0,
    out: 'The settings are fine: bridge node-a on regtest, roles relay, admin.\n',
    err: '',
  })
})

test('settings that have no effect yet are named', async () => {
  expect((await run(['config', 'check'], { P2P_GRPCADDRESS: 'a:2', ROLES: 'relay' })).out).toContain(
    'Settings accepted, but without effect in this version: p2p_grpcAddress.',
  )
})

test('unusable settings are one message on standard error, and exit code 78', async () => {
  expect(await run(['config', 'check'], { P2P_HANDSHAKE_TOPIC: '', P2P_PORT: 'x' })).toEqual({
    code: 78,
    out: '',
    err: 'The settings have 2 faults:\n  p2p_port is "x" (environment P2P_PORT): should be a port from 1 to 65535\n  p2p_handshake_topic not set in config\n',
  })
})

test('serve does not start with unusable settings', async () => {
  expect(await run(['serve'], { P2P_PORT: 'x' })).toMatchObject({ code: 78, out: '' })
})

test('the file is named by flag or environment, and a missing file is reported in one sentence', async () => {
  const files = { 'a.yaml': 'p2p_port: 7001' }
  expect((await run(['config', 'env', '-c', 'a.yaml'], {}, files)).out).toContain('P2P_PORT="7001"  # file a.yaml\n')
  expect((await run(['config', 'env'], { GOSSIP_BRIDGE_CONFIG: 'a.yaml' }, files)).out).toContain('P2P_PORT="7001"  # file a.yaml\n')
  expect(await run(['config', 'env', '-c', 'b.yaml'])).toEqual({
    code: 1,
    out: '',
    err: `The settings file "b.yaml" cannot be read (ENOENT: no such file or directory, open 'b.yaml'). Name one that exists with --config.\n`,
  })
  expect((await run(['config', 'env'], { GOSSIP_BRIDGE_CONFIG: 'b.yaml' })).err).toContain(
    'Name one that exists with GOSSIP_BRIDGE_CONFIG.',
  )
  expect((await run(['config', 'env'], { TERANODE_SETTINGS: 'b.conf' })).err).toContain('Name one that exists with TERANODE_SETTINGS.')
})

test('config diff says what another file would change, and how', async () => {
  const files = { 'a.yaml': 'p2p_port: 7001\nlog_level: warn', 'b.yaml': 'p2p_port: 7002\nadmin_api_key: 0123456789abcdef0123456789abcdef' }
  expect((await run(['config', 'diff', 'b.yaml', '-c', 'a.yaml'], {}, files)).out.trim().split('\n')).toEqual([
    'p2p_port: "7001" -> "7002" (restart)',
    'admin_api_key: empty -> [secret] (restart)',
    'log_level: "warn" -> "info" (reload)',
  ])
  expect(await run(['config', 'diff', 'a.yaml', '-c', 'a.yaml'], {}, files)).toMatchObject({
    out: '',
    err: 'Both have the same settings.\n',
  })
  expect((await run(['config', 'diff', 'gone.yaml'], {}, files)).err).toMatch(
    /"gone.yaml" cannot be read \(.*\)\. Name one that exists\.\n$/,
  )
})

test('flags override the environment, work before and after the command, and can be negated', async () => {
  const environment = { P2P_PORT: '7001', ALLOW_PRIVATE_URLS: 'true', KAFKA_SSL_ENABLED: 'false' }
  const words = ['--p2p-port', '7002', 'config', 'env', '--no-allow-private-urls', '--kafka-ssl-enabled']
  const { out } = await run(words, environment)
  expect(out).toContain('P2P_PORT="7002"  # --p2p-port\n')
  expect(out).toContain('ALLOW_PRIVATE_URLS="false"  # --allow-private-urls\n')
  expect(out).toContain('KAFKA_SSL_ENABLED="true"  # --kafka-ssl-enabled\n')
})

test('a secret is given on the command line as the name of its file', async () => {
  const { out } = await run(['config', 'env', '--p2p-shared-key-file', '/k'], {}, { '/k': 'ab'.repeat(32) })
  expect(out).toContain('P2P_SHARED_KEY=[secret]  # --p2p-shared-key-file, file /k\n')
})

test.each([
  [['tail', 'p2p-events', '--from', 'yesterday'], /takes earliest, latest, an offset, a time such as .*, or a span back from now/],
  [['tail', 'p2p-events', '--grep', '('], /Unterminated group/],
  [['tail', 'p2p-events', '--max', '0'], /takes a whole number, 1 or more/],
  [['tail'], /missing required argument 'topic'/],
])('%j is answered with the correct form', async (words, expected) => {
  expect(await run(words)).toMatchObject({ code: 1, err: expect.stringMatching(expected) })
})

test('unusable settings of `serve` are one log line if the log format is JSON', async () => {
  const { code, out, err } = await run(['serve'], { LOG_FORMAT: 'json', P2P_PORT: 'x' })
  expect({ code, err }).toEqual({ code: 78, err: '' })
  expect(JSON.parse(out)).toMatchObject({ level: 'fatal', msg: expect.stringContaining('p2p_port is "x"') })
})

test.each(['--log-format', '--log-format=json'])('the same with the flag %s', async (flag) => {
  const { out } = await run(['serve', '--p2p-port', 'x', ...(flag.includes('=') ? [flag] : [flag, 'json'])])
  expect(JSON.parse(out)).toMatchObject({ level: 'fatal' })
})
