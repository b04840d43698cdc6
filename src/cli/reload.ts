/** `headgate reload`: a running gateway reads its configuration anew, or says why it will not. */
import type { Command } from 'commander';
import { asRecord } from '../shared/json.ts';
import { adminClient } from './admin-client.ts';
import { type ConfigFlags, withAdmin } from './config-options.ts';

/** Adds the command. */
export function registerReload(program: Command): void {
  withAdmin(program.command('reload'))
    .description('make a running gateway read its configuration anew')
    .action(async (flags: ConfigFlags) => {
      const answer = await adminClient(flags).post('/api/reload');
      process.stdout.write(`${reloadLines(answer).join('\n')}\n`);
    });
}

/** What the primary says of a reload, for people: the version in force, and what differs from the one before. */
export function reloadLines(answer: unknown): string[] {
  const { version, changes } = asRecord(answer) ?? {};
  const told = Array.isArray(changes) ? changes.filter((change) => typeof change === 'string') : [];
  const differences =
    told.length === 0 ? ['  nothing differs from the one before'] : told.map((change) => `  ${change}`);
  return [`reloaded: version ${String(version)} of the configuration is in force`, ...differences];
}
