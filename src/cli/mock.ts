/** `headgate mock`: runs one fake provider in the foreground. */
import { once } from 'node:events';
import type { Command } from 'commander';
import { ConfigError } from '../config/source/faults.ts';
import { startMock } from '../mock/server.ts';
import { systemCode } from '../shared/host/system-code.ts';
import { CommandError, exitCodes } from './failures.ts';
import { listedOption } from './listed-option.ts';
import { sayLines } from './say.ts';

const dialects = ['openai', 'anthropic', 'bedrock', 'gemini'] as const;
type Dialect = (typeof dialects)[number];

/** The default port of each dialect: the same as in the demo, which has two of them. */
const defaultPorts: Readonly<Record<Dialect, number>> = { openai: 8001, anthropic: 8002, bedrock: 8003, gemini: 8004 };

/** Adds the command. */
export function registerMock(program: Command): void {
  program
    .command('mock')
    .description('run a fake provider; PUT /_mock/fault sets its faults')
    .addOption(listedOption('--dialect <name>', 'API of the provider', dialects).default('openai'))
    .option('--port <number>', 'port (default: 8001 for openai, 8002 for anthropic, 8003 for bedrock, 8004 for gemini)')
    .action(mock);
}

async function mock(flags: { readonly dialect: string; readonly port?: string }): Promise<void> {
  const dialect = dialects.find((known) => known === flags.dialect);
  if (dialect === undefined) throw flagFault('--dialect', `one of ${dialects.join(', ')}`, flags.dialect);
  const port =
    flags.port === undefined ? defaultPorts[dialect] : Number(/^\d{1,5}$/.test(flags.port) ? flags.port : NaN);
  if (!(port <= 65_535)) throw flagFault('--port', 'a port from 0 to 65535', flags.port ?? '');
  const running = await startMock({ dialect, port }).catch((error: unknown) => {
    if (systemCode(error) !== 'EADDRINUSE') throw error;
    const holder = 'another program, perhaps by another fake provider or a demo';
    throw new CommandError(
      `127.0.0.1:${port} is taken by ${holder}: stop it, or choose another --port`,
      exitCodes.taken,
    );
  });
  sayLines([`fake ${dialect} on http://127.0.0.1:${running.port}`]);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await running.close();
}

function flagFault(flag: string, expected: string, got: string): ConfigError {
  const message = `should be ${expected}, got ${JSON.stringify(got)}`;
  return new ConfigError([{ file: flag, line: null, col: null, path: '', message, hint: null }]);
}
