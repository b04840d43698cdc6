/** `headgate reload`: a running gateway reads its configuration anew, or says why it will not. */
import type { Command } from 'commander';
import { adminClient } from './admin-client.ts';
import { type ConfigFlags, withAdmin } from './config-options.ts';

/** Adds the command. */
export function registerReload(program: Command): void {
  withAdmin(program.command('reload'))
    .description('make a running gateway read its configuration anew')
    .action(async (flags: ConfigFlags) => {
      const answer = await adminClient(flags).post('/api/reload');
      const version = typeof answer === 'object' && answer !== null && 'version' in answer ? answer.version : '?';
      process.stdout.write(`reloaded: version ${String(version)} of the configuration is in force\n`);
    });
}
