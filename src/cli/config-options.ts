/**
 * The flags that select a configuration, the same for all commands, and their conversion to load options. Flags win
 * over the file. Faults of a flag's value show the flag's name.
 */
import type { Command } from 'commander';
import { demoConfigInput } from '../config/demo.ts';
import type { LoadableSource, LoadOptions, Override } from '../config/load.ts';
import { type ConfigSource, findConfigSource } from '../config/source/load-source.ts';

export interface ConfigFlags {
  readonly config?: string;
  readonly demo?: boolean;
  readonly port?: string;
  readonly host?: string;
  readonly adminPort?: string;
  readonly workers?: string;
}

interface DemoPorts {
  readonly openaiPort: number;
  readonly anthropicPort: number;
}

/** The ports of the demo's providers, if they are free. */
const defaultDemoPorts: DemoPorts = { openaiPort: 8001, anthropicPort: 8002 };

/** Adds `--config`. */
export function withConfig(command: Command): Command {
  return command.option('--config <file>', 'configuration file (default: $HEADGATE_CONFIG, then ./headgate.yaml)');
}

/** Adds the flags that select a running gateway. */
export function withAdmin(command: Command): Command {
  return withConfig(command).option(
    '--admin-port <number>',
    'admin port of the running gateway (default: from the configuration)',
  );
}

/** The source that the flags select; nothing is read yet. */
export function chooseSource(flags: ConfigFlags): ConfigSource {
  return findConfigSource({ config: flags.config, demo: flags.demo });
}

/** The source of a gateway that already runs. It may be a demo in production too, started with `--demo`. */
export function runningSource(flags: ConfigFlags): ConfigSource {
  return findConfigSource({ config: flags.config, demoAllowed: true });
}

/** The options for loading. The demo's input needs the ports of its providers. */
export function loadOptions(source: ConfigSource, flags: ConfigFlags, demoPorts = defaultDemoPorts): LoadOptions {
  return { source: loadable(source, demoPorts), overrides: overridesOf(flags) };
}

/** The source in words. */
export function describeSource(source: ConfigSource): string {
  switch (source.kind) {
    case 'file':
      return source.path;
    case 'environment':
      return 'API keys in the environment';
    case 'demo':
      return 'demo';
    default:
      return source satisfies never;
  }
}

function loadable(source: ConfigSource, ports: DemoPorts): LoadableSource {
  return source.kind === 'demo' ? { kind: 'object', name: 'demo', input: demoConfigInput(ports) } : source;
}

function overridesOf(flags: ConfigFlags): Override[] {
  const given = [
    { flag: '--port', path: ['server', 'port'], value: numberOr(flags.port) },
    { flag: '--host', path: ['server', 'host'], value: flags.host },
    { flag: '--admin-port', path: ['admin', 'port'], value: numberOr(flags.adminPort) },
    { flag: '--workers', path: ['workers'], value: numberOr(flags.workers) },
  ];
  return given.flatMap(({ value, ...rest }) => (value === undefined ? [] : [{ ...rest, value }]));
}

/** The number in a flag's text. Other texts do not change, and the configuration's rules refuse them. */
function numberOr(text: string | undefined): string | number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
}
