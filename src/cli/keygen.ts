import type { Command } from 'commander'
import { formatKey, generateKey, peerIdOfKey } from '../identity/key-text.ts'
import type { CliContext } from './context.ts'

/** `gossip-bridge keygen`: a new key and its peer id, as lines for the configuration file. */
export function addKeygenCommand(program: Command, context: CliContext): void {
  program
    .command('keygen')
    .description('Create a key for p2p_private_key and print it with its peer id; nothing is stored')
    .option('--json', 'print one line of JSON')
    .action(({ json }: { json?: boolean }) => {
      const key = generateKey()
      const [privateKey, peerId] = [formatKey(key), peerIdOfKey(key)]
      if (json) return context.print(JSON.stringify({ privateKey, peerId }))
      context.print(`p2p_private_key: ${privateKey}`)
      context.print(`p2p_peer_id: ${peerId}`)
    })
}
