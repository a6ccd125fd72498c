import type { Command } from 'commander'
import { printableJson } from '../../config/printable.ts'
import type { CliContext } from '../context.ts'
import { type AdminCall, askAdmin } from './admin-client.ts'

interface Peer {
  readonly peerId: string
  readonly address: string | null
  readonly direction: string
  readonly connectedAt: string
  readonly topics: readonly string[]
  readonly isOfSettings: boolean
  readonly isSibling: boolean
}

interface Scores {
  readonly isKept: boolean
  readonly scores: readonly { readonly peerId: string; readonly points: number; readonly at: string }[]
}

/** `gossip-bridge peers list | show | score | connect | disconnect`: the peers of one instance, over its admin API. */
export function addPeersCommand(program: Command, context: CliContext): void {
  const peers = program
    .command('peers')
    .description('List, show, score, connect and disconnect the peers of an instance, over its admin API')
  const ask = (call: AdminCall, command: Command) => askAdmin(context.settings(command), call)
  const json = (value: unknown) => context.print(printableJson(JSON.stringify(value)))

  peers
    .command('list')
    .description('Print the connected peers')
    .option('--json', 'print one line of JSON for each')
    .action(async (flags: { json?: boolean }, command: Command) => {
      const { peers: found } = (await ask({ method: 'GET', path: '/v1/peers' }, command)) as { peers: readonly Peer[] }
      for (const peer of found) flags.json ? json(peer) : context.print(lineOf(peer))
      if (found.length === 0) context.tell('No peer is connected.')
    })
  peers
    .command('show')
    .description('Print one connected peer as JSON')
    .argument('<peer-id>', 'peer id')
    .action(async (peerId: string, _flags: unknown, command: Command) => json(await ask({ method: 'GET', path: pathOf(peerId) }, command)))
  peers
    .command('score')
    .description('Print the scores of signers, the highest first')
    .argument('[peer-id]', 'this one alone')
    .option('--json', 'print one line of JSON for each')
    .action(async (peerId: string | undefined, flags: { json?: boolean }, command: Command) => {
      const answer = (await ask({ method: 'GET', path: '/v1/scores?limit=1000' }, command)) as Scores
      const found = answer.scores.filter((score) => peerId === undefined || score.peerId === peerId)
      for (const score of found)
        flags.json ? json(score) : context.print(`${score.peerId}  ${String(score.points).padStart(4)}  at ${score.at}`)
      if (!answer.isKept) context.tell('No scores are kept: banlist_db is not set.')
      else if (found.length === 0)
        context.tell(peerId === undefined ? 'Nobody has a score.' : `${peerId} has no score among the highest 1000.`)
    })
  const change = async (call: AdminCall, command: Command) => {
    const { sentence } = (await ask(call, command)) as { sentence: string }
    context.print(printableJson(sentence))
  }
  peers
    .command('connect')
    .description('Dial a peer now')
    .argument('<address>', 'multiaddress that ends in /p2p/<peer id>')
    .action((address: string, _flags: unknown, command: Command) =>
      change({ method: 'POST', path: '/v1/peers', body: { address } }, command),
    )
  peers
    .command('disconnect')
    .description('Close the connections of a peer; `bans add` keeps it out')
    .argument('<peer-id>', 'peer id')
    .action((peerId: string, _flags: unknown, command: Command) => change({ method: 'DELETE', path: pathOf(peerId) }, command))
}

function pathOf(peerId: string): string {
  return `/v1/peers/${encodeURIComponent(peerId)}`
}

/** Wide columns first: peer ids have one length, addresses do not. */
function lineOf({ peerId, address, direction, connectedAt, topics, isOfSettings, isSibling }: Peer): string {
  const marks = [...(isOfSettings ? ['settings'] : []), ...(isSibling ? ['sibling'] : [])]
  const rest = [`since ${connectedAt}`, `${topics.length} topics`, ...marks].join(', ')
  return `${peerId}  ${direction.padEnd(8)}  ${(address ?? '-').padEnd(15)}  ${rest}`
}
