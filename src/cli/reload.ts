/** `headgate reload`: a running gateway reloads its configuration, or reports why it refuses the new one. */

import type { Command } from 'commander';
import { asArray, asRecord } from '../shared/json.ts';
import { type ConfigFlags, withAdmin } from './config-options.ts';
import { commandingClient } from './right-gateway.ts';
import { sayJson, sayLines } from './say.ts';

/** Adds the command. */
export function registerReload(program: Command): void {
  withAdmin(program.command('reload'))
    .description('reload the configuration of a running gateway')
    .option('--json', 'print JSON')
    .action(async (flags: ConfigFlags & { readonly json?: boolean }) => {
      const answer = await (await commandingClient(flags)).post('/api/reload');
      if (flags.json === true) sayJson(answer);
      else sayLines(reloadLines(answer));
    });
}

/** The lines to print for the primary's answer: the version that is now in use, and each change. */
export function reloadLines(answer: unknown): string[] {
  const { version, changes, variables } = asRecord(answer) ?? {};
  const known = textsIn(changes);
  const names = textsIn(variables);
  const kept = '  variables of the environment keep their values until the gateway is stopped and started: ';
  const old = names.length === 0 ? [] : [`${kept}${names.join(', ')}`];
  const lines = known.length === 0 ? ['  nothing has changed', ...old] : known.map((change) => `  ${change}`);
  return [`reloaded: version ${String(version)} of the configuration is now in use`, ...lines];
}

function textsIn(value: unknown): string[] {
  return asArray(value).filter((each) => typeof each === 'string');
}
