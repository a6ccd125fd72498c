import { spawn } from 'node:child_process'
import type { DemoOptions } from './options.ts'
import type { Reporter } from './report/reporter.ts'
import type { Stack } from './stack/stack.ts'
import { NODES } from './watch/ledger.ts'

/** Prints the addresses of the dashboards and of Kafka, and commands to paste. */
export function announce(
  { nodes, kafkaBrokers, bridges }: Stack,
  { seed, forSeconds, killEverySeconds }: DemoOptions,
  { reporter }: { reporter: Reporter },
): void {
  const bootstrap = kafkaBrokers[0] ?? ''
  const dashboards = NODES.flatMap((name) =>
    nodes[name].bridges.map(({ httpPort }) => ({ node: name, url: `http://127.0.0.1:${httpPort}/` })),
  )
  const cli = `--topic-prefix ${nodes.B.topicPrefix} --bridge-id ${nodes.B.bridgeId} --kafka-brokers ${bootstrap}`
  const commands = [
    `node dist/main.js tail p2p-events ${cli}`,
    `node deploy/local/kafka-tool.mjs console-consumer --bootstrap-server ${bootstrap} --topic ${nodes.B.topicPrefix}blocks --property print.key=true --property print.headers=true`,
    `node deploy/local/kafka-tool.mjs consumer-groups --bootstrap-server ${bootstrap} --describe --all-groups`,
    `node dist/main.js bans add ${nodes.A.bridges[0]?.peerId} --duration 20s --reason demo ${cli}`,
  ]
  const processes = bridges.map(({ bridge: { name, healthPort }, pid }) => ({ name, pid: pid(), health: `http://127.0.0.1:${healthPort}` }))
  const lines = [
    '',
    ...dashboards.map(({ node, url }) => `  dashboard of node ${node}   ${url}`),
    ...processes.map(
      ({ name, pid, health }) => `  bridge ${name.padEnd(15)}${health}/readyz?verbose, /metrics; process ${pid} (kill it if you like)`,
    ),
    `  Kafka                 ${bootstrap}`,
    `  seed                  ${seed}`,
    '',
    '  In another terminal in this folder: watch the event log and the blocks of node B, see the lag of each group, let B ban A:',
    ...commands.map((command) => `    ${command}`),
    '',
    ...(killEverySeconds === undefined
      ? []
      : [`  Every ${killEverySeconds} s one bridge of node A, picked at random, is killed and started again.`]),
    forSeconds === undefined ? '  Ctrl-C ends everything.' : `  The simulator produces for ${forSeconds} s. Ctrl-C ends everything.`,
  ]
  reporter.say('ready', lines, { dashboards, bridges: processes, kafka: bootstrap, seed, commands })
}

/** Opens a page in a browser where a screen exists; when that fails, the terminal still shows the address. */
export function openPage(url: string): void {
  const hasScreen = process.platform === 'darwin' || process.env.DISPLAY !== undefined || process.env.WAYLAND_DISPLAY !== undefined
  if (!hasScreen) return
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const child = spawn(command, [url], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
