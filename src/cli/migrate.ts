import type { Command } from 'commander'
import { type CliContext, CommandError } from './context.ts'

/** `gossip-bridge migrate`: the tables in Postgres, by a role that may create them. */
export function addMigrateCommand(program: Command, context: CliContext): void {
  program
    .command('migrate')
    .description('Create or migrate the tables of the bridge in the database of banlist_db, for bridges with banlist_migrate=false')
    .action(async (_flags: unknown, command: Command) => {
      const settings = context.settings(command)
      if (settings.banlist_db === '') throw new CommandError('banlist_db is not set: it names the Postgres database to migrate.')
      const { migrateDatabase } = await import('../app/migrate-database.ts')
      try {
        const applied = await migrateDatabase(settings, { log: context.log(settings) })
        context.print(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}.`)
      } catch (cause) {
        if (!(cause instanceof Error && 'code' in cause && cause.code === 'BRIDGE_POSTGRES')) throw cause
        throw new CommandError(`The database was not migrated: ${cause.message}.`, { cause })
      }
    })
}
