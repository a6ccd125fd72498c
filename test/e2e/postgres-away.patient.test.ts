import { expect, test } from 'vitest'
import { startPostgres } from '../../deploy/local/postgres/postgres.ts'
import { runBridge, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createTwoNodes } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'

test('while Postgres is away the bridge runs on and enforces its bans, and a command waits until it is back', async () => {
  const postgres = await startPostgres()
  onEnd(() => postgres.stop())
  const [a, b] = await createTwoNodes()
  b.environment.BANLIST_DB = await postgres.createDatabase('node_b')
  const bridges = [startBridgeProcess(a.environment), startBridgeProcess(b.environment)] as const
  const [, bridge] = bridges
  await Promise.all(bridges.map((each) => each.ready()))
  const bans = (...words: string[]) => runBridge(['bans', ...words], b.environment)
  expect(await bans('add', a.peerId)).toMatchObject({ code: 0 })
  // What is enforced at once is published a moment later, by the primary.
  await eventually(async () => expect((await bans('check', a.peerId)).stdout).toContain('is banned'), { intervalMs: 250 })

  await postgres.kill()
  await eventually(
    async () =>
      expect(await bridge.health('/readyz?verbose')).toMatch(/^200 [\s\S]*\[\+\] bans: .*away.*: bans stay as they are and commands wait/),
    { timeoutMs: 10_000 },
  )
  const refusals = () => bridge.metric('bridge_gossip_banned_connections_total')
  const before = await refusals()
  await eventually(async () => expect(await refusals()).toBeGreaterThan(before), { timeoutMs: 20_000 })

  const waiting = await bans('remove', a.peerId, '--timeout', '6s')
  expect(waiting).toMatchObject({ code: 1, stderr: expect.stringContaining('It waits in the topic for a bridge with the role relay') })
  const [hash = ''] = await (await createNodeServices()).announceSubtrees(a.topic('blockchain-notifications'), 1)
  expect((await bans('check', a.peerId)).stdout).toContain('is banned')

  await postgres.start()
  await eventually(async () => expect((await tailTopic('subtrees', b.environment)).map(({ key }) => key)).toEqual([hash]), {
    timeoutMs: 30_000,
    intervalMs: 200,
  })
  await eventually(async () => expect((await bans('check', a.peerId)).stdout).toContain('is not banned'), { timeoutMs: 15_000 })
  await eventually(async () => expect(await bridge.health('/readyz?verbose')).toContain('[+] bans: ok'), { timeoutMs: 15_000 })
  expect(await bridge.end('SIGTERM')).toMatchObject({ code: 0 })
})
