import { type Command, InvalidArgumentError } from 'commander'
import { formatHostPort } from '../../addresses/host-port.ts'
import { advertisedAddress } from '../../config/kinds/address-kinds.ts'
import { list } from '../../config/kinds/kinds.ts'
import { printableJson } from '../../config/printable.ts'
import type { Settings } from '../../config/settings.ts'
import type { IdentityAdmin } from '../../identity/admin.ts'
import { parseKey, peerIdOfKey } from '../../identity/key-text.ts'
import { isPeerId } from '../../identity/peer-id.ts'
import { type CliContext, CommandError } from '../context.ts'
import { allowList, identityJson, identityLine, isShown, stateText } from './identity-line.ts'

interface AddFlags {
  readonly keyFile?: string
  readonly advertise?: string[]
  readonly instance?: string
  readonly json?: boolean
}

interface ListFlags {
  readonly json?: boolean
  readonly asAllowList?: boolean
}

/** `gossip-bridge identities`: the pool of libp2p keys in Postgres, from which each instance takes one. */
export function addIdentitiesCommand(program: Command, context: CliContext): void {
  const identities = program.command('identities').description('Manage the pool of keys in Postgres, from which each instance takes one')
  identities
    .command('list')
    .description('Print every key: peer id, who has it, addresses, age')
    .option('--json', 'print one line of JSON for each')
    .option('--as-allow-list', "print the peer ids as one list, for the allow-lists of other nodes: the pool's and that of p2p_private_key")
    .action((flags: ListFlags, command: Command) => {
      const settings = context.settings(command)
      return flags.asAllowList ? showAllowList(settings, context) : withPool(settings, context, (pool) => show(pool, flags, context))
    })
  identities
    .command('add')
    .description('Add a new key, or one that exists; it is encrypted with identity_encryption_key')
    .option(
      '--key-file <path>',
      'take the key from this file, in a form of p2p_private_key; - is standard input (default: create a new key)',
    )
    .option(
      '--advertise <addresses>',
      'announce these instead of p2p_advertise_addresses: host, host:port or multiaddress, separated by |',
      parseAddresses,
    )
    .option('--instance <name>', 'keep it for the instance with this instance_id', parseName)
    .option('--json', 'print the result as JSON')
    .action((flags: AddFlags, command: Command) => {
      const settings = context.settings(command)
      requireEncryptionKey(settings)
      return withPool(settings, context, (pool) => add(pool, flags, context))
    })
  identities
    .command('retire')
    .description('Take a key out of use: no start takes it any more. Its holder keeps it until it stops')
    .argument('<peer id>', 'as `identities list` shows it', parsePeerId)
    .option('--json', 'print the key after the change')
    .action((peerId: string, flags: { json?: boolean }, command: Command) =>
      withPool(context.settings(command), context, (pool) => retire(pool, peerId, flags, context)),
    )
}

async function show(pool: IdentityAdmin, { json }: { json?: boolean }, context: CliContext): Promise<void> {
  const rows = (await pool.list()).filter(isShown)
  for (const row of rows) context.print(json ? identityJson(row) : identityLine(row))
  if (rows.length === 0) context.tell('The pool has no keys yet. The first start with identity_encryption_key adds one.')
}

/** Under these peer ids other nodes hear this bridge. */
async function showAllowList(settings: Settings, context: CliContext): Promise<void> {
  const own = configuredPeerIds(settings)
  if (settings.banlist_db === '' && own.length > 0) return context.print(allowList([], own))
  await withPool(settings, context, async (pool) => {
    const text = allowList(await pool.list(), own)
    if (text === '') context.tell('There are no keys yet. The first start with identity_encryption_key adds one to the pool.')
    else context.print(text)
  })
}

function configuredPeerIds({ p2p_private_key }: Settings): string[] {
  const key = parseKey(p2p_private_key)
  return 'fault' in key ? [] : [peerIdOfKey(key)]
}

async function add(pool: IdentityAdmin, flags: AddFlags, context: CliContext): Promise<void> {
  const key = flags.keyFile === undefined ? null : readKey(flags.keyFile, context)
  const { peerId, outcome } = await pool.add({ key, advertiseAddresses: flags.advertise ?? null, reservedFor: flags.instance ?? null })
  if (outcome === 'known') {
    throw new CommandError(
      `The pool has ${peerId} already, or had it: nothing changed. \`gossip-bridge identities list\` shows how it stands; a retired key stays retired.`,
    )
  }
  if (flags.json) return context.print(printableJson(JSON.stringify({ peerId })))
  const who =
    flags.instance === undefined
      ? 'the next instance that starts without one takes it'
      : `the instance ${flags.instance} takes it at its next start`
  context.print(`${peerId} is in the pool: ${who}.`)
}

async function retire(pool: IdentityAdmin, peerId: string, { json }: { json?: boolean }, context: CliContext): Promise<void> {
  const row = await pool.retire(peerId)
  if (!row) throw new CommandError(`The pool has no key ${peerId}: \`gossip-bridge identities list\` shows those that it has.`)
  if (json) return context.print(identityJson(row))
  const held =
    row.isLocked && row.holder ? ` Right now it is ${stateText({ ...row, retiredAt: null })}, which keeps it until it stops.` : ''
  context.print(`${peerId} is retired: no start takes it any more.${held}`)
}

function requireEncryptionKey({ identity_encryption_key }: Settings): void {
  if (identity_encryption_key !== '') return
  throw new CommandError(
    'identity_encryption_key is not set, and no key is kept unencrypted. Set the one that the bridge has; `openssl rand -hex 32` makes the first one.',
  )
}

/** Never from the command line, which every user of the machine can read. */
function readKey(path: string, { host }: CliContext): string {
  try {
    return path === '-' ? host.readInput() : host.readFile(path)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(`The key cannot be read from ${path === '-' ? 'standard input' : JSON.stringify(path)}: ${reason}`, { cause })
  }
}

async function withPool(settings: Settings, context: CliContext, action: (pool: IdentityAdmin) => Promise<void>): Promise<void> {
  if (settings.banlist_db === '') {
    throw new CommandError('banlist_db is not set: it names the Postgres database in which the keys are kept.')
  }
  // Imported only here: libp2p takes a while to load, and `--help` should not wait for it.
  const { openIdentityAdmin } = await import('../../app/identity/identity-admin.ts')
  let pool: ReturnType<typeof openIdentityAdmin> | undefined
  try {
    pool = openIdentityAdmin(settings, { log: context.log(settings) })
    await action(pool)
  } catch (cause) {
    throw cause instanceof CommandError ? cause : failure(cause)
  } finally {
    await pool?.stop()
  }
}

const BY_CODE: Record<string, (message: string) => string> = {
  BRIDGE_IDENTITY_KEY: (message) => `${message}.`,
  BRIDGE_IDENTITY_ENCRYPTION_KEY: (message) => `${message}.`,
  BRIDGE_POSTGRES: (message) =>
    `The pool cannot be reached: ${message}. Does banlist_db lead to the right database, and is Postgres running?`,
}

function failure(cause: unknown): unknown {
  if (!(cause instanceof Error) || !('code' in cause)) return cause
  const say = BY_CODE[String(cause.code)]
  return say ? new CommandError(say(cause.message), { cause }) : cause
}

function parseAddresses(text: string): string[] {
  const result = list(advertisedAddress()).safeParse(text)
  if (!result.success || result.data.length === 0) {
    throw new InvalidArgumentError(
      'it takes addresses such as node.example.org, 203.0.113.7:9905, [2001:db8::7]:9905 or /dns4/node.example.org/tcp/9905, separated by |.',
    )
  }
  return result.data.map((address) => (typeof address === 'string' ? address : formatHostPort(address)))
}

function parseName(text: string): string {
  if (/^[A-Za-z0-9._-]{1,100}$/.test(text)) return text
  throw new InvalidArgumentError('it takes an instance_id: letters, digits, dots, dashes and underscores, at most 100.')
}

function parsePeerId(text: string): string {
  if (isPeerId(text)) return text
  throw new InvalidArgumentError('it takes a peer id such as 12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK.')
}
