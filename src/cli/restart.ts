/** `headgate restart`: a running gateway replaces its workers one by one, and drops no request. */
import type { Command } from 'commander';
import { adminClient } from './admin-client.ts';
import { type ConfigFlags, withAdmin } from './config-options.ts';

/** Adds the command. */
export function registerRestart(program: Command): void {
  withAdmin(program.command('restart'))
    .description("replace a running gateway's workers one by one")
    .action(async (flags: ConfigFlags) => {
      await adminClient(flags).post('/api/restart');
      process.stdout.write('all workers are replaced\n');
    });
}
