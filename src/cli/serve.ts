/** `headgate serve`: runs the gateway in the foreground until a signal stops it. */
import type { Command } from 'commander';
import { type ActiveConfig, valuesInForce } from '../config/in-force.ts';
import { type LoadOptions, loadConfig, loadWithSource } from '../config/load.ts';
import { sourceNotes } from '../config/source/load-source.ts';
import type { LoadedConfig } from '../config/warnings/warning.ts';
import { warningLines } from '../config/warnings/warnings.ts';
import { type DemoProviders, startDemoProviders } from '../mock/demo-process.ts';
import { systemClock } from '../shared/clock.ts';
import { openLog } from '../shared/log.ts';
import { Redactor } from '../shared/secrets/redactor.ts';
import { type ConfigFlags, chooseSource, describeSource, loadOptions, withConfig } from './config-options.ts';
import { repeatEarlySignals } from './early-signals.ts';
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
    .option('--demo', 'start two fake providers and serve their models')
    .action((flags: ConfigFlags) => serve(flags, version));
}

async function serve(flags: ConfigFlags, version: string): Promise<void> {
  const source = chooseSource(flags);
  // Reports faults before the demo's providers start. It is loaded again below, since their ports are known only then.
  loadConfig(loadOptions(source, flags));
  const demo = source.kind === 'demo' ? await startDemoProviders() : null;
  try {
    const options = loadOptions(source, flags, demo ?? undefined);
    await runPrimary({
      version,
      source: describeSource(source),
      sourceName: source.kind === 'file' ? source.path : source.kind,
      notes: sourceNotes(source, { demo: flags.demo }),
      options,
      demo,
    });
  } finally {
    await demo?.stop();
  }
}

interface Run {
  readonly version: string;
  readonly source: string;
  /** In a word, or the path of the file. */
  readonly sourceName: string;
  /** What is to be known of it, a sentence each. */
  readonly notes: readonly string[];
  readonly options: LoadOptions;
  readonly demo: DemoProviders | null;
}

/** Serves until a signal stops the gateway. */
async function runPrimary({ version, source, sourceName, notes, options, demo }: Run): Promise<void> {
  const first = loadWithSource(options);
  const { config } = first;
  const redactor = new Redactor(config.secrets);
  const redact = (text: string) => redactor.redact(text);
  const activate = (loaded: LoadedConfig): ActiveConfig => {
    const digests = new Map<string, string>();
    return {
      config: loaded.config,
      source: sourceName,
      values: valuesInForce(loaded, redact, digests),
      digests,
      // Of what somebody has written: the demo and the environment have no such text.
      warnings: options.source.kind === 'file' ? warningLines(loaded, systemClock.wallMs()) : [],
    };
  };
  const { log, output, onTerminal } = openLog({ level: config.log.level, redactor });
  const demoPorts = demo === null ? {} : { openaiPort: demo.openaiPort, anthropicPort: demo.anthropicPort };
  // On a terminal the first screen shows this.
  if (!onTerminal) log.info({ version, source, ...demoPorts }, 'headgate starts');
  const active = activate(first);
  for (const line of [...notes, ...active.warnings]) log.warn(line);
  // Imported here, since the other commands do not need the primary's code.
  const { startPrimary } = await import('../primary/start.ts');
  const reload = async (): Promise<ActiveConfig> => {
    const next = loadWithSource(options);
    redactor.know(next.config.secrets);
    return activate(next);
  };
  const { port, adminPort, done } = await startPrimary({
    active,
    reload,
    log,
    output,
    redactor,
    clock: systemClock,
    version,
  });
  repeatEarlySignals();
  if (onTerminal) {
    output.write(`${firstScreen({ version, source, config, port, adminPort, demo }).join('\n')}\n`);
  }
  const code = await done;
  if (code !== 0) throw new CommandError('the gateway did not end cleanly', code);
}
