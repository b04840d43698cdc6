/** `headgate status`: prints a running gateway's workers and circuits once, as text or as JSON. */

import type { Command } from 'commander';
import { adminClient } from './admin-client.ts';
import { type ConfigFlags, withAdmin } from './config-options.ts';
import { sayJson, sayLines } from './say.ts';
import { askStatus } from './status-answer.ts';
import { statusLines } from './status-lines.ts';

/** Adds the command. */
export function registerStatus(program: Command): void {
  withAdmin(program.command('status'))
    .description('show the workers, circuits and cooldowns of a running gateway')
    .option('--json', 'print JSON')
    .action(async (flags: ConfigFlags & { readonly json?: boolean }) => {
      const status = await askStatus(adminClient(flags));
      if (flags.json === true) sayJson(status);
      else sayLines(statusLines(status));
    });
}
