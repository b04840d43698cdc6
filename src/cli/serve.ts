/** `headgate serve`: the gateway in the foreground, until it is told to stop. */
import type { Command } from 'commander';
import { type LoadOptions, loadConfig } from '../config/load.ts';
import { type DemoProviders, startDemoProviders } from '../mock/demo-process.ts';
import { systemClock } from '../shared/clock.ts';
import type { Config } from '../shared/config.ts';
import { createLog, Redactor, secretsOf } from '../shared/log.ts';
import { type ConfigFlags, chooseSource, describeSource, loadOptions, withConfig } from './config-options.ts';
import { CommandError } from './failures.ts';
import { firstScreen } from './first-screen.ts';

/** Adds the command. */
export function registerServe(program: Command, version: string): void {
  withConfig(program.command('serve'))
    .description('run the gateway in the foreground')
    .option('--port <number>', 'data port')
    .option('--host <address>', 'address of the data port')
    .option('--admin-port <number>', 'admin port')
    .option('--workers <number>', 'worker processes, or auto')
    .option('--demo', 'run fake providers inside, and serve them')
    .action((flags: ConfigFlags) => serve(flags, version));
}

async function serve(flags: ConfigFlags, version: string): Promise<void> {
  const source = chooseSource(flags);
  // Whatever is wrong is told before the demo's providers run; only then are their ports known.
  loadConfig(loadOptions(source, flags));
  const demo = source.kind === 'demo' ? await startDemoProviders() : null;
  try {
    const options = loadOptions(source, flags, demo ?? undefined);
    await runPrimary({ version, source: describeSource(source), options, demo });
  } finally {
    await demo?.stop();
  }
}

interface Run {
  readonly version: string;
  readonly source: string;
  readonly options: LoadOptions;
  readonly demo: DemoProviders | null;
}

/** Serves until it is told to stop. */
async function runPrimary({ version, source, options, demo }: Run): Promise<void> {
  const config = loadConfig(options);
  const onTerminal = process.stdout.isTTY === true;
  const redactor = new Redactor(secretsOf(config));
  const log = createLog({ level: config.log.level, redactor, pretty: onTerminal });
  const demoPorts = demo === null ? {} : { openaiPort: demo.openaiPort, anthropicPort: demo.anthropicPort };
  // On a terminal the first screen says this.
  if (!onTerminal) log.info({ version, source, ...demoPorts }, 'headgate starts');
  // Other commands share this program and need none of the primary.
  const { startPrimary } = await import('../primary/start.ts');
  const reload = async (): Promise<Config> => {
    const next = loadConfig(options);
    redactor.know(secretsOf(next));
    return next;
  };
  const { port, adminPort, done } = await startPrimary({ config, reload, log, clock: systemClock, version });
  if (onTerminal) {
    process.stdout.write(`${firstScreen({ version, source, config, port, adminPort, demo }).join('\n')}\n`);
  }
  const code = await done;
  if (code !== 0) throw new CommandError('the gateway did not end cleanly', code);
}
