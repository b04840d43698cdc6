/** `headgate circuit reset PROVIDER`: closes a provider's circuit and ends its cooldowns. */

import type { Command } from 'commander';
import { type ConfigFlags, withAdmin } from './config-options.ts';
import { commandingClient } from './right-gateway.ts';
import { sayJson, sayLines } from './say.ts';

const RESET_TIMEOUT_MS = 10_000;

/** Adds the command. */
export function registerCircuit(program: Command): void {
  const circuit = program.command('circuit').description("change a provider's circuit");
  withAdmin(circuit.command('reset <provider>'))
    .description("close a provider's circuit, forget its failures and end its cooldowns")
    .option('--json', 'print JSON')
    .action(async (provider: string, flags: ConfigFlags & { readonly json?: boolean }) => {
      const client = await commandingClient(flags);
      await client.post(`/api/circuits/${encodeURIComponent(provider)}/reset`, RESET_TIMEOUT_MS);
      if (flags.json === true) sayJson({ reset: provider });
      else sayLines([`the circuit of ${provider} is closed, and its cooldowns have ended`]);
    });
}
