import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { CommandError } from '../../../src/cli/context.ts'
import { createLiveSettings } from '../../../src/cli/reload.ts'
import { readingOf } from '../../support/bridge/settings.ts'

const BASE = { CLIENTNAME: 'a', NETWORK: 'regtest' }

function setUp(environment: Record<string, string> = {}) {
  const lines: { level: number; msg: string; changed?: string[] }[] = []
  const output = new Writable({
    write(line, _encoding, done) {
      lines.push(JSON.parse(String(line)))
      done()
    },
  })
  const levels: string[] = []
  let next = () => readingOf({ environment: { ...BASE, ...environment } })
  const live = createLiveSettings(next(), { read: () => next(), setLevel: (level) => levels.push(level), log: pino(output) })
  const reload = (changes: Record<string, string>) => {
    next = () => readingOf({ environment: { ...BASE, ...environment, ...changes } })
    live.reload()
  }
  const fail = (error: Error) => {
    next = () => {
      throw error
    }
    live.reload()
  }
  return { live, lines, levels, reload, fail }
}

test('what can change without a restart is taken over, and the log says what', () => {
  const { live, lines, levels, reload } = setUp()
  reload({ LOG_LEVEL: 'debug', WS_MAX_CLIENTS: '5', BAN_MODE: 'observe', P2P_BAN_DURATION: '1h' })
  expect(live.current()).toMatchObject({ log_level: 'debug', ws_max_clients: 5, ban_mode: 'observe', p2p_ban_duration: 3_600_000 })
  expect(levels).toEqual(['debug'])
  expect(lines.map(({ msg }) => msg)).toEqual(['settings read again'])
  expect(lines[0]?.changed).toContain('log_level: "info" -> "debug" (reload)')
})

test('what needs a restart stays as it is, and is named at each reload until then', () => {
  const { live, lines, reload } = setUp()
  for (const _ of [1, 2]) reload({ P2P_PORT: '9999', ADMIN_API_KEY: 'x'.repeat(32) })
  expect(live.current().p2p_port).not.toBe(9999)
  const said = lines.filter(({ msg }) => msg === 'these settings have changed and need a restart')
  expect(said).toHaveLength(2)
  expect(said[1]?.changed).toEqual(['p2p_port: "9905" -> "9999" (restart)', 'admin_api_key: empty -> [secret] (restart)'])
})

test('unusable settings change nothing, and the log says what is wrong', () => {
  const { live, lines, levels, reload, fail } = setUp()
  const before = live.current()
  reload({ LOG_LEVEL: 'debug', WS_MAX_CLIENTS: 'many' })
  fail(new CommandError('The settings file "a.yaml" cannot be read'))
  expect(live.current()).toBe(before)
  expect(levels).toEqual([])
  expect(lines.map(({ level }) => level)).toEqual([50, 50])
  expect(lines[0]?.msg).toMatch(/the old ones stay in effect: .*ws_max_clients is "many"/s)
  expect(lines[1]?.msg).toContain('a.yaml')
})

test('a reload without a change says so, and leaves a log level that a signal has set', () => {
  const { lines, levels, reload } = setUp({ LOG_LEVEL: 'warn' })
  reload({})
  expect(levels).toEqual([])
  expect(lines).toMatchObject([{ msg: 'settings read again', changed: [] }])
})

test('static peers and the rates of gossip are taken over, and whoever asked is told of each reload that was', () => {
  const { live, reload } = setUp()
  const told: unknown[] = []
  const stop = live.onReload(() => told.push([live.current().p2p_static_peers.length, live.current().gossip_inbound_rate]))
  const peer = '/ip4/127.0.0.1/tcp/9905/p2p/12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'
  reload({ P2P_STATIC_PEERS: peer, GOSSIP_INBOUND_RATE: '7', GOSSIP_OUTBOUND_RATE: '8' })
  expect(live.current().gossip_outbound_rate).toBe(8)
  reload({ P2P_STATIC_PEERS: 'nonsense' })
  reload({})
  stop()
  reload({ GOSSIP_INBOUND_RATE: '9' })
  expect(told).toEqual([
    [1, 7],
    [0, 2000],
  ])
})
